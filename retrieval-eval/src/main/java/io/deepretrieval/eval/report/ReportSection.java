// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.IOException;

/** A part of the page with one subject. */
@FunctionalInterface
interface ReportSection {
  /** Writes the part, or nothing if it has nothing to show. */
  void write(HtmlWriter out) throws IOException;
}
