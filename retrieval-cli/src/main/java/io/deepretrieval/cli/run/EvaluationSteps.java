// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.ExtractionReport;
import io.deepretrieval.eval.EvaluationListener;
import java.util.Locale;

/** The steps of an evaluation for who listens to a run. */
record EvaluationSteps(RunListener listener) implements EvaluationListener {
  @Override
  public void progress(Step step, int done, int total) {
    listener.progress(step.name().toLowerCase(Locale.ROOT), done, total);
  }

  @Override
  public void failed(ExtractionReport.Failure failure) {
    listener.skipped(failure);
  }
}
