// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.eval.MadeResults;
import io.deepretrieval.eval.QueryResult;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecallCurveTest {
  private static QueryResult of(int positives, Integer... ranks) {
    Set<String> good = new LinkedHashSet<>();
    for (int i = 0; i < positives; i++) {
      good.add("p" + i);
    }
    return new QueryResult(
        MadeResults.query("q", Optional.empty(), good, Set.of(), Set.of()),
        0.5,
        List.of(),
        List.of(ranks));
  }

  @Test
  void perfectRankingStaysAtOne() {
    assertThat(RecallCurve.of(of(3, 0, 1, 2))).containsOnly(1);
  }

  @Test
  void precisionIsTheBestThatIsStillToBeHad() {
    // Right at places 2 and 4 of 4 positives: 1/2 until recall 1/2, then nothing.
    double[] curve = RecallCurve.of(of(4, 1, 3));
    assertThat(curve).hasSize(101);
    for (int i = 0; i <= 100; i++) {
      assertThat(curve[i]).as("recall %d", i).isEqualTo(i <= 50 ? 0.5 : 0);
    }
    // Right at places 3 and 4 of 2: precision 1/3, then 1/2, which counts from the start.
    assertThat(RecallCurve.of(of(2, 2, 3))).containsOnly(0.5);
    // Right at places 1 and 4 of 2: 1 until recall 1/2, then 1/2.
    double[] falling = RecallCurve.of(of(2, 0, 3));
    assertThat(falling[50]).isEqualTo(1);
    assertThat(falling[51]).isEqualTo(0.5);
  }

  @Test
  void nothingFoundIsZeroAndTheMeanIsTheMean() {
    assertThat(RecallCurve.of(of(2))).containsOnly(0);
    double[] mean = RecallCurve.mean(List.of(of(2), of(1, 0)));
    assertThat(mean[37]).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void pathLeavesOutPointsOnALevel() {
    assertThat(RecallCurve.path(RecallCurve.of(of(4, 1, 3)), 100, 40))
        .isEqualTo("M0.0 20.0L50.0 20.0L51.0 40.0L100.0 40.0");
    assertThat(RecallCurve.words(RecallCurve.of(of(4, 1, 3))))
        .isEqualTo("precision 0.50 at recall 0.1, 0.50 at 0.5, 0.00 at 0.9");
  }
}
