// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** Where a command writes: results to one stream, errors and progress to the other. */
final class Terminal {
  private static final int BAR = 30;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean interactive;

  Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  void print(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
  }

  /** Overwrites the line under way on a terminal; nothing where there is none. */
  void live(String text) {
    if (interactive) {
      err.print("\r" + text + " ".repeat(Math.max(0, 78 - text.length())) + "\r");
      err.flush();
    }
  }

  void warn(String message) {
    err.println("warning: " + message);
  }

  /** Progress over a known number of items: a bar on a terminal, a line each tenth otherwise. */
  final class Progress implements AutoCloseable {
    private final String what;
    private final int total;
    private final long start = System.nanoTime();
    private int done;
    private long lastDrawn;

    Progress(String what, int total) {
      this.what = what;
      this.total = total;
    }

    void step() {
      reach(done + 1);
    }

    /** Shows that so many are done, no fewer than before. */
    void reach(int count) {
      int before = done;
      done = count;
      long now = System.nanoTime();
      if (interactive) {
        if (done == total || now - lastDrawn > 100_000_000L) {
          lastDrawn = now;
          int filled = (int) ((long) BAR * done / total);
          err.print(
              String.format(
                  Locale.ROOT,
                  "\r%s [%s%s] %d/%d, %.1f/s ",
                  what,
                  "#".repeat(filled),
                  ".".repeat(BAR - filled),
                  done,
                  total,
                  done / ((now - start) / 1e9)));
          err.flush();
        }
      } else if (done == total || 10L * done / total > 10L * before / total) {
        err.println(what + " " + done + "/" + total);
      }
    }

    @Override
    public void close() {
      if (interactive && done > 0) {
        err.println();
      }
    }
  }

  Progress progress(String what, int total) {
    return new Progress(what, total);
  }
}
