// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Sets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TupleSamplerTest {
  @Test
  void onePairAndOneOtherImageMakeTwoTuples() {
    List<int[]> batches = TupleSampler.of(Sets.ofSizes(2, 1), 1, 8, 1).epoch(0);

    assertThat(batches).hasSize(1);
    int[] batch = batches.get(0);
    int first = batch[0];
    assertThat(batch).containsExactly(first, 1 - first, 2, 1 - first, first, 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void tuplesAreAQueryAPositiveAndNegativesOfDifferentClasses(long seed) {
    Random random = new Random(seed);
    LabeledImages set = Sets.random(random, 6 + random.nextInt(20), 6);
    int negatives = random.nextInt(5);
    int perBatch = 1 + random.nextInt(7);
    TupleSampler sampler = TupleSampler.of(set, negatives, perBatch, seed);

    for (int epoch = 0; epoch < 3; epoch++) {
      Set<Integer> queries = new HashSet<>();
      List<int[]> batches = sampler.epoch(epoch);
      for (int[] tuple : tuples(batches, negatives, perBatch)) {
        assertThat(queries.add(tuple[0])).isTrue();
        assertThat(tuple[1]).isNotEqualTo(tuple[0]);
        assertThat(set.label(tuple[1])).isEqualTo(set.label(tuple[0]));
        Set<Integer> classes = new HashSet<>();
        for (int k = 1; k < tuple.length; k++) {
          assertThat(classes.add(set.label(tuple[k]))).isTrue();
        }
      }
      int expected = 0;
      for (int c = 0; c < set.classCount(); c++) {
        expected += set.countOf(c) > 1 ? set.countOf(c) : 0;
      }
      assertThat(queries).hasSize(expected);
    }
  }

  private static List<int[]> tuples(List<int[]> batches, int negatives, int perBatch) {
    List<int[]> tuples = new ArrayList<>();
    int rows = 2 + negatives;
    for (int b = 0; b < batches.size(); b++) {
      int[] batch = batches.get(b);
      assertThat(batch.length % rows).isZero();
      assertThat(batch.length / rows).isBetween(1, perBatch);
      if (b < batches.size() - 1) {
        assertThat(batch.length / rows).isEqualTo(perBatch);
      }
      for (int from = 0; from < batch.length; from += rows) {
        tuples.add(Arrays.copyOfRange(batch, from, from + rows));
      }
    }
    return tuples;
  }

  @Test
  void negativeClassesAreEquallyProbable() {
    // Class 0 has the queries; classes of 1 and of 60 images are drawn as often.
    TupleSampler sampler = TupleSampler.of(Sets.ofSizes(1, 60, 1, 1), 1, 1, 1);
    int[] counts = new int[62];
    for (int epoch = 0; epoch < 50; epoch++) {
      sampler.epoch(epoch).forEach(tuple -> counts[Math.max(0, tuple[2] - 60)]++);
    }

    // Of 3000 negatives a third each, with a deviation of 26.
    assertThat(counts[0]).isBetween(890, 1110);
    assertThat(counts[1]).isBetween(890, 1110);
  }

  @Test
  void classesWithoutAnImageAreNeverDrawn() {
    LabeledImages set = Sets.ofSizes(2, 2).withClasses(List.of("x", "0", "y", "1", "z"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(set, 2, 1, 1))
        .withMessage("negatives a tuple must be in [0, 1], as there are 2 classes, but were 2");
    assertThat(TupleSampler.of(set, 1, 1, 1).epoch(0)).hasSize(4);
  }

  @Test
  void anEpochIsTheSameInAnyOrderOfAsking() {
    LabeledImages set = Sets.ofSizes(5, 6, 7, 8, 9);
    TupleSampler sampler = TupleSampler.of(set, 3, 2, 8);
    List<int[]> second = sampler.epoch(2);
    sampler.epoch(7);

    assertThat(sampler.epoch(2)).usingElementComparator(Arrays::compare).isEqualTo(second);
    assertThat(sampler.epoch(3).get(0)).isNotEqualTo(second.get(0));
    assertThat(TupleSampler.of(set, 3, 2, 9).epoch(2).get(0)).isNotEqualTo(second.get(0));
    assertThat(sampler).hasToString("tuples negatives=3 batch=2 seed=8");
  }

  @Test
  void refusesWhatIsOutOfRange() {
    LabeledImages set = Sets.ofSizes(2, 1, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(set, 1, 0, 1))
        .withMessage("tuples a batch must be >= 1 but were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(set, -1, 1, 1))
        .withMessage("negatives a tuple must be in [0, 2], as there are 3 classes, but were -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(set, 3, 1, 1))
        .withMessage("negatives a tuple must be in [0, 2], as there are 3 classes, but were 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(Sets.ofSizes(1, 1), 1, 1, 1))
        .withMessage("a class must have at least 2 images but none of 2 has");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TupleSampler.of(set, 1, 1, 1).epoch(-1))
        .withMessage("epoch must be >= 0 but was -1");
  }
}
