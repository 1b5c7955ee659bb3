// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.Judgments;
import java.util.Locale;

/** What one hit is, with the sign that tells it apart without color. */
enum Judgment {
  GOOD("✓"),
  OK("○"),
  JUNK("–"),
  WRONG("✗");

  private final String sign;

  Judgment(String sign) {
    this.sign = sign;
  }

  static Judgment of(String id, Judgments judgments) {
    if (judgments.good().contains(id)) {
      return GOOD;
    }
    if (judgments.ok().contains(id)) {
      return OK;
    }
    return judgments.junk().contains(id) ? JUNK : WRONG;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The sign and the word. */
  Html tag() {
    return Html.of(
        "<span class=\"tag\"><span aria-hidden=\"true\">{}</span> {}</span>", sign, word());
  }
}
