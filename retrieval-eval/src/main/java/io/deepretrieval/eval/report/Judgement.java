// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.Judgements;
import java.util.Locale;

/** What one hit is, with the sign that tells it apart without colour. */
enum Judgement {
  GOOD("✓"),
  OK("○"),
  JUNK("–"),
  WRONG("✗");

  private final String sign;

  Judgement(String sign) {
    this.sign = sign;
  }

  static Judgement of(String id, Judgements judgements) {
    if (judgements.good().contains(id)) {
      return GOOD;
    }
    if (judgements.ok().contains(id)) {
      return OK;
    }
    return judgements.junk().contains(id) ? JUNK : WRONG;
  }

  String sign() {
    return sign;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
