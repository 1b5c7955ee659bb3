// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryPlannerTest {
  @Test
  void takesTheLowestGapThatFits() {
    MemoryPlanner planner = new MemoryPlanner(64);
    int a = planner.allocate(100);
    int b = planner.allocate(64);
    int c = planner.allocate(1);
    assertThat(List.of(planner.offset(a), planner.offset(b), planner.offset(c)))
        .containsExactly(0L, 128L, 192L);
    planner.free(a);
    assertThat(planner.offset(planner.allocate(129))).isEqualTo(256);
    assertThat(planner.offset(planner.allocate(128))).isZero();
    assertThat(planner.peak()).isEqualTo(256 + 192);
  }

  @Test
  void liveBuffersNeverOverlap() {
    long seed = 5;
    Random random = new Random(seed);
    MemoryPlanner planner = new MemoryPlanner(64);
    List<long[]> live = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      if (!live.isEmpty() && random.nextInt(3) == 0) {
        planner.free((int) live.remove(random.nextInt(live.size()))[0]);
      } else {
        long bytes = 1L + random.nextInt(5000);
        int buffer = planner.allocate(bytes);
        long from = planner.offset(buffer);
        for (long[] other : live) {
          assertThat(from >= other[2] || from + bytes <= other[1])
              .as("buffer " + buffer + " overlaps buffer " + other[0] + ", seed " + seed)
              .isTrue();
        }
        live.add(new long[] {buffer, from, from + bytes});
      }
    }
  }
}
