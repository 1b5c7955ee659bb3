// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a command printed.
 *
 * @param code its exit code
 * @param out its results
 * @param err its errors and progress
 */
record Lines(int code, String out, String err) {
  static Lines of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        CommandLines.create(new PrintWriter(out, true), new PrintWriter(err, true), false)
            .execute(arguments);
    return new Lines(code, out.toString(), err.toString());
  }

  /** Arguments and more of them behind. */
  static String[] with(String[] more, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  /** The lines of the scores. */
  List<String> scores() {
    return out.lines().filter(line -> line.contains("mAP")).toList();
  }
}
