// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.eval.PairedTest;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bootstrap interval and paired test. */
final class SignificanceTest {
  @Test
  void intervalOfEqualValuesIsThatValue() {
    BootstrapInterval interval =
        BootstrapInterval.ofMean(new double[] {0.5, 0.5, 0.5}, 0.95, 1000, 1);
    assertThat(interval).isEqualTo(new BootstrapInterval(0.5, 0.5, 0.95));
  }

  @Test
  void intervalOfManyValuesIsThatOfTheNormalLaw() {
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[400];
    Arrays.setAll(values, i -> random.nextDouble());
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance =
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    double half = 1.96 * Math.sqrt(variance / values.length);
    BootstrapInterval interval = BootstrapInterval.ofMean(values, 0.95, 20_000, 5);
    // 20,000 samples place the 2.5 % point within about 3 % of the half width.
    assertThat(interval.low()).as("seed " + seed).isCloseTo(mean - half, within(0.1 * half));
    assertThat(interval.high()).as("seed " + seed).isCloseTo(mean + half, within(0.1 * half));
    assertThat(BootstrapInterval.ofMean(values, 0.95, 20_000, 5)).isEqualTo(interval);
    BootstrapInterval narrower = BootstrapInterval.ofMean(values, 0.5, 20_000, 5);
    assertThat(narrower.low()).isBetween(interval.low(), mean);
    assertThat(narrower.high()).isBetween(mean, interval.high());
  }

  @Test
  void intervalRefusesWhatItCannotUse() {
    assertThatThrownBy(() -> BootstrapInterval.ofMean(new double[0], 0.95, 1000, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "bootstrap must have at least 1 value, 100 samples and 0 < level < 1 but has 0, 1000,"
                + " 0.95");
    assertThatThrownBy(() -> new BootstrapInterval(2, 1, 0.95))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("interval must satisfy low <= high and 0 < level < 1 but was 2.0, 1.0 at 0.95");
  }

  @Test
  void exactTestOfThreeQueriesIsHandComputed() {
    // All differences positive: of the eight sign patterns only +++ and --- are as extreme.
    PairedTest test =
        PairedTest.of(new double[] {0.1, 0.2, 0.3}, new double[] {0.2, 0.4, 0.6}, 1000, 1);
    assertThat(test.queries()).isEqualTo(3);
    assertThat(test.meanDifference()).isCloseTo(0.2, within(1e-15));
    assertThat(test.pValue()).isEqualTo(0.25);
    // Differences 1, 1, -1 sum to 1, and every pattern gives at least 1 on one side.
    assertThat(PairedTest.of(new double[] {0, 0, 1}, new double[] {1, 1, 0}, 1000, 1).pValue())
        .isEqualTo(1);
  }

  @Test
  void equalRunsHavePOne() {
    double[] values = {0.1, 0.9, 0.3};
    assertThat(PairedTest.of(values, values, 1000, 1)).isEqualTo(new PairedTest(3, 0, 1));
  }

  @Test
  void drawnPatternsComeNearTheExactTest() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    double[] first = new double[12];
    double[] second = new double[12];
    Arrays.setAll(first, i -> random.nextDouble());
    Arrays.setAll(second, i -> first[i] + random.nextDouble() - 0.4);
    double exact = PairedTest.of(first, second, 1 << 12, 1).pValue();
    double drawn = PairedTest.of(first, second, (1 << 12) - 1, 1).pValue();
    // Standard error below 0.008; four of them.
    assertThat(drawn).as("seed " + seed).isNotEqualTo(exact).isCloseTo(exact, within(0.032));
  }

  @Test
  void largeClearDifferenceHasTheLeastP() {
    double[] first = new double[60];
    double[] second = new double[60];
    Arrays.fill(second, 1);
    assertThat(PairedTest.of(first, second, 999, 1)).isEqualTo(new PairedTest(60, 1, 0.001));
  }

  @Test
  void testRefusesListsOfUnlikeLength() {
    assertThatThrownBy(() -> PairedTest.of(new double[2], new double[3], 1000, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "paired test must have two equally long lists and at least 100 repetitions but has 2"
                + " and 3 values and 1000 repetitions");
  }
}
