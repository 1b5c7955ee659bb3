// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.IOException;
import java.io.Writer;

/** Writes markup whose values are escaped, see {@link Html#of}. For one thread. */
final class HtmlWriter {
  private final Writer out;

  HtmlWriter(Writer out) {
    this.out = out;
  }

  void write(String template, Object... values) throws IOException {
    out.write(Html.of(template, values).toString());
  }
}
