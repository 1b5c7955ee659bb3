// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PrecisionAtKTest {
  private static int[] ranks(int... ranks) {
    return ranks;
  }

  @Test
  void plainDividesByK() {
    assertThat(PrecisionAtK.plain(ranks(0, 2), 1)).isEqualTo(1);
    assertThat(PrecisionAtK.plain(ranks(0, 2), 2)).isEqualTo(0.5);
    assertThat(PrecisionAtK.plain(ranks(0, 2), 10)).isEqualTo(0.2);
    assertThat(PrecisionAtK.plain(ranks(), 10)).isZero();
  }

  @Test
  void revisitedLooksNoFurtherThanTheLastRightAnswer() {
    assertThat(PrecisionAtK.revisited(ranks(0, 2), 1)).isEqualTo(1);
    assertThat(PrecisionAtK.revisited(ranks(0, 2), 2)).isEqualTo(0.5);
    assertThat(PrecisionAtK.revisited(ranks(0, 2), 5)).isEqualTo(2 / 3.0);
    assertThat(PrecisionAtK.revisited(ranks(0, 1), 10)).isEqualTo(1);
    assertThat(PrecisionAtK.revisited(ranks(40), 10)).isZero();
    assertThat(PrecisionAtK.revisited(ranks(), 10)).isZero();
  }

  @Test
  void junkIsTakenOutFirst() {
    Judgments judgments = new Judgments(Set.of("a"), Set.of("b"), Set.of("j"));
    List<String> ranking = List.of("j", "a", "x", "b");
    assertThat(PrecisionAtK.plain(ranking, judgments, 1)).isEqualTo(1);
    assertThat(PrecisionAtK.plain(ranking, judgments, 4)).isEqualTo(0.5);
    assertThat(PrecisionAtK.revisited(ranking, judgments, 4)).isEqualTo(2 / 3.0);
  }

  @Test
  void refusesKBelowOne() {
    assertThatThrownBy(() -> PrecisionAtK.plain(ranks(0), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was 0");
    assertThatThrownBy(() -> PrecisionAtK.revisited(ranks(3, 1), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ranks must ascend from 0 but were [3, 1]");
  }
}
