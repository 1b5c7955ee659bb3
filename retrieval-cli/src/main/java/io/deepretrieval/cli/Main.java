// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Entry point of the runnable jar. */
public final class Main {
  private Main() {}

  /**
   * Parses the arguments, runs the command and exits: 0 for success, 1 for a failure, 2 for wrong
   * usage.
   *
   * @param args command and options; {@code --help} explains them
   */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code;
    try {
      code = CommandLines.create(out, err, interactive()).execute(args);
    } catch (LinkageError e) {
      err.println("error: every class that a plug-in needs must be on the class path but " + e);
      code = 1;
    }
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** A JDK of 22 or later has a console for pipes too; there, images of a bar land in a log. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean interactive() {
    return System.console() != null && System.getenv("TERM") != null;
  }
}
