// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  @Test
  void selectionFindsWhatSortingFinds() {
    Random random = new Random(1);
    for (int n = 1; n < 60; n++) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = random.nextInt(n);
      }
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < n; i++) {
        assertThat(Candidates.select(values.clone(), i)).isEqualTo(sorted[i]);
      }
    }
  }

  @Test
  void theBestByDefinitionSurviveTheWorstAllowedError() {
    for (long seed = 1; seed <= 30; seed++) {
      Random random = new Random(seed);
      int n = 20_000;
      double margin = seed % 3 == 0 ? 0.5 : 1e-3;
      float[] exact = new float[n];
      for (int i = 0; i < n; i++) {
        exact[i] = random.nextInt(4000) / 1000f - 2;
      }
      int k = 1 + random.nextInt(50);
      Candidates candidates =
          Candidates.approximate(
              k,
              2 * margin,
              n,
              (positions, scores, from, to) -> {
                for (int i = from; i < to; i++) {
                  scores[i] = exact[positions[i]];
                }
              });
      for (int i = 0; i < n; i++) {
        float error = (float) (0.999 * margin * (random.nextBoolean() ? 1 : -1));
        if (exact[i] + error >= candidates.threshold()) {
          candidates.add(exact[i] + error, i);
        }
      }
      int[] expected =
          IntStream.range(0, n)
              .boxed()
              .sorted((a, b) -> Float.compare(exact[b], exact[a]))
              .limit(k)
              .mapToInt(Integer::intValue)
              .toArray();
      long[] keys = candidates.finish();
      assertThat(Arrays.stream(keys).mapToInt(Candidates::position).toArray())
          .as("seed %s", seed)
          .isEqualTo(expected);
      for (long key : keys) {
        assertThat(Candidates.score(key)).isEqualTo(exact[Candidates.position(key)]);
      }
    }
  }
}
