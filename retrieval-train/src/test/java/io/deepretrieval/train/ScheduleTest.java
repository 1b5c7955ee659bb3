// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScheduleTest {
  @Test
  void byHand() {
    assertThat(Schedule.constant().factor(7, 3, 10, 20)).isEqualTo(1);
    assertThat(Schedule.exponential(0.01).factor(0, 9, 10, 20)).isEqualTo(1);
    assertThat(Schedule.exponential(0.01).factor(5, 9, 10, 20))
        .isCloseTo(Math.exp(-0.05), within(1e-15));
    assertThat(Schedule.linear().factor(0, 0, 4, 2)).isEqualTo(1);
    assertThat(Schedule.linear().factor(1, 2, 4, 2)).isEqualTo(0.25);
    assertThat(Schedule.cosine().factor(0, 0, 4, 2)).isEqualTo(1);
    assertThat(Schedule.cosine().factor(1, 0, 4, 2)).isCloseTo(0.5, within(1e-15));
    assertThat(Schedule.cosine().factor(1, 2, 4, 2))
        .isCloseTo(0.5 * (1 - Math.sqrt(0.5)), within(1e-15));
  }

  @Test
  void warmsUpOverAPartOfAnEpoch() {
    Schedule schedule = Schedule.constant().withWarmUp(0.5);
    assertThat(schedule.factor(0, 0, 8, 3)).isEqualTo(0.25);
    assertThat(schedule.factor(0, 2, 8, 3)).isEqualTo(0.75);
    assertThat(schedule.factor(0, 3, 8, 3)).isEqualTo(1);
    assertThat(schedule.factor(1, 0, 8, 3)).isEqualTo(1);
  }

  @Test
  void warmUpMeetsTheFallingRate() {
    Schedule schedule = Schedule.linear().withWarmUp(1);
    assertThat(schedule.factor(0, 1, 4, 2)).isCloseTo((1 - 0.125) * 0.5, within(1e-15));
    assertThat(schedule.factor(1, 0, 4, 2)).isEqualTo(0.5);
  }

  @Test
  void staysWithinOneAndNeverReachesZero() {
    for (Schedule schedule :
        new Schedule[] {
          Schedule.constant(), Schedule.exponential(1), Schedule.cosine(), Schedule.linear()
        }) {
      for (int epoch = 0; epoch < 5; epoch++) {
        for (int step = 0; step < 7; step++) {
          assertThat(schedule.withWarmUp(2).factor(epoch, step, 7, 5))
              .as("%s at %d.%d", schedule, epoch, step)
              .isGreaterThan(0)
              .isLessThanOrEqualTo(1);
        }
      }
    }
  }

  @Test
  void recipes() {
    assertThat(Schedule.exponential(0.01)).hasToString("exponential rate=0.01");
    assertThat(Schedule.cosine().withWarmUp(1.5)).hasToString("cosine warm-up=1.5");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refuses(double value) {
    assertThatThrownBy(() -> Schedule.exponential(value))
        .hasMessage("rate of the schedule must be at least 0 but was " + value);
    assertThatThrownBy(() -> Schedule.cosine().withWarmUp(value))
        .hasMessage("warm-up must be at least 0 epochs but was " + value);
  }
}
