// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.ExtractionReport;
import io.deepretrieval.cli.run.EvaluationOutcome;
import io.deepretrieval.cli.run.RunListener;

/** A run on the terminal: one bar a step, and a line for what is skipped. */
final class TerminalListener implements RunListener, AutoCloseable {
  private final Terminal terminal;
  private Terminal.Progress bar;

  TerminalListener(Terminal terminal) {
    this.terminal = terminal;
    bar = terminal.progress("", 0);
  }

  @Override
  public void progress(String step, int done, int total) {
    if (done == 0) {
      bar.close();
      bar = terminal.progress(step, total);
    } else {
      bar.reach(done);
    }
  }

  @Override
  public void skipped(ExtractionReport.Failure failure) {
    terminal.warn("skipped: " + failure.reason());
  }

  @Override
  public void warning(String message) {
    endBar();
    terminal.warn(message);
  }

  @Override
  public void evaluated(EvaluationOutcome outcome) {
    endBar();
    outcome
        .cache()
        .ifPresent(
            use ->
                terminal.print(
                    "cache: %d vectors were there, %d added in %s",
                    use.kept(), use.added(), use.store()));
  }

  /** Ends the line of the bar, so that another one can be printed. */
  void endBar() {
    bar.close();
    bar = terminal.progress("", 0);
  }

  @Override
  public void close() {
    bar.close();
  }
}
