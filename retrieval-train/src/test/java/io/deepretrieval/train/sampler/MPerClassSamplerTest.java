// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import io.deepretrieval.train.data.Sets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MPerClassSamplerTest {
  @Test
  void twoClassesOfTwoMakeOneBatchOfPairs() {
    List<int[]> batches = MPerClassSampler.pairs(Sets.ofSizes(2, 2), 2, 1).epoch(0);

    assertThat(batches).hasSize(1);
    assertThat(batches.get(0)).containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(batches.get(0)[0] / 2).isEqualTo(batches.get(0)[1] / 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void batchesAreGroupsOfDifferentClasses(long seed) {
    Random random = new Random(seed);
    LabeledImages set = Sets.random(random, 8 + random.nextInt(30), 9);
    int perClass = 1 + random.nextInt(4);
    int eligible = Seeds.classesOf(set, Math.min(2, perClass)).length;
    int classes = 1 + random.nextInt(eligible);
    MPerClassSampler sampler = MPerClassSampler.of(set, classes, perClass, seed);
    assertThat(sampler.classesLeftOut()).isEqualTo(set.classCount() - eligible);

    for (int epoch = 0; epoch < 3; epoch++) {
      int[] groups = new int[set.classCount()];
      int[] uses = new int[set.size()];
      for (int[] batch : sampler.epoch(epoch)) {
        assertThat(batch).hasSize(classes * perClass);
        Set<Integer> labels = new HashSet<>();
        for (int g = 0; g < classes; g++) {
          int[] group = Arrays.copyOfRange(batch, g * perClass, (g + 1) * perClass);
          int label = set.label(group[0]);
          assertThat(labels.add(label)).as("class %s is new to the batch", label).isTrue();
          assertThat(Arrays.stream(group).map(set::label)).containsOnly(label);
          assertThat(Arrays.stream(group).distinct().count())
              .isEqualTo(Math.min(perClass, set.countOf(label)));
          Arrays.stream(group).distinct().forEach(image -> uses[image]++);
          groups[label]++;
        }
      }
      assertThat(Arrays.stream(uses).max().orElseThrow()).isLessThanOrEqualTo(1);
      int left = 0;
      for (int c = 0; c < groups.length; c++) {
        int most =
            set.countOf(c) < Math.min(2, perClass) ? 0 : Math.max(1, set.countOf(c) / perClass);
        assertThat(groups[c]).isLessThanOrEqualTo(most);
        left += groups[c] < most ? 1 : 0;
      }
      assertThat(left).as("classes that still have a group").isLessThan(classes);
    }
  }

  @Test
  void aClassOfFewImagesRepeatsThem() {
    int[] batch = MPerClassSampler.of(Sets.ofSizes(2, 9), 1, 5, 3).epoch(0).get(0);
    int[] other = MPerClassSampler.of(Sets.ofSizes(2, 9), 1, 5, 3).epoch(0).get(1);
    int[] few = batch[0] < 2 ? batch : other;

    assertThat(few[2]).isEqualTo(few[0]).isEqualTo(few[4]).isNotEqualTo(few[1]);
    assertThat(few[3]).isEqualTo(few[1]);
  }

  @Test
  void largeClassesAreUsedUpAboutAsFast() {
    int[] sizes = new int[21];
    Arrays.fill(sizes, 20);
    sizes[0] = 200;
    LabeledImages set = Sets.ofSizes(sizes);

    long large =
        MPerClassSampler.pairs(set, 2, 1).epoch(0).stream()
            .filter(batch -> batch[0] < 200 || batch[2] < 200)
            .count();

    // Of 100 groups; classes that were equally probable would give about 20.
    assertThat(large).isGreaterThan(80);
  }

  @Test
  void anEpochIsTheSameInAnyOrderOfAsking() {
    LabeledImages set = Sets.ofSizes(5, 6, 7, 8, 9);
    MPerClassSampler sampler = MPerClassSampler.of(set, 3, 2, 8);
    List<int[]> second = sampler.epoch(2);
    sampler.epoch(7);

    assertThat(sampler.epoch(2)).usingElementComparator(Arrays::compare).isEqualTo(second);
    assertThat(MPerClassSampler.of(set, 3, 2, 8).epoch(2))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(second);
    assertThat(sampler.epoch(3).get(0)).isNotEqualTo(second.get(0));
    assertThat(MPerClassSampler.of(set, 3, 2, 9).epoch(2).get(0)).isNotEqualTo(second.get(0));
    assertThat(sampler).hasToString("classes=3 images=2 seed=8");
  }

  @Test
  void ticketsAreProportionalToTheWeights() {
    MPerClassSampler.Tickets tickets = new MPerClassSampler.Tickets(5);
    tickets.set(0, 9);
    tickets.set(0, 2);
    tickets.set(2, 3);
    tickets.set(3, 1);
    int[] expected = {0, 0, 2, 2, 2, 3};
    for (int ticket = 0; ticket < expected.length; ticket++) {
      assertThat(tickets.draw(only(ticket, 6))).as("ticket %s", ticket).isEqualTo(expected[ticket]);
    }
    assertThat(tickets).hasToString("[2, 0, 3, 1, 0]");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ticketsEqualTheNaiveSearch(long seed) {
    Random random = new Random(seed);
    int[] weights = new int[1 + random.nextInt(40)];
    MPerClassSampler.Tickets tickets = new MPerClassSampler.Tickets(weights.length);
    for (int change = 0; change < 100; change++) {
      int at = random.nextInt(weights.length);
      weights[at] = random.nextInt(4);
      tickets.set(at, weights[at]);
      int total = Arrays.stream(weights).sum();
      if (total == 0) {
        continue;
      }
      int ticket = random.nextInt(total);
      int naive = 0;
      for (int left = ticket; left >= weights[naive]; naive++) {
        left -= weights[naive];
      }
      assertThat(tickets.draw(only(ticket, total))).as("seed %s", seed).isEqualTo(naive);
    }
  }

  private static Random only(long ticket, long total) {
    return new Random() {
      private static final long serialVersionUID = 1L;

      @Override
      public long nextLong(long bound) {
        assertThat(bound).isEqualTo(total);
        return ticket;
      }
    };
  }

  @Test
  void refusesWhatIsOutOfRange() {
    LabeledImages set = Sets.ofSizes(1, 2, 3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.of(set, 0, 2, 1))
        .withMessage("classes a batch and images a class must be >= 1 but were 0 and 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.of(set, 2, 0, 1))
        .withMessage("classes a batch and images a class must be >= 1 but were 2 and 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.pairs(set, 3, 1))
        .withMessage(
            "classes a batch must be at most the classes of 2 images or more, 2, but were 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.of(set, 4, 1, 1))
        .withMessage(
            "classes a batch must be at most the classes of 1 images or more, 3, but were 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.of(set, 70_000, 70_000, 1))
        .withMessage(
            "classes a batch must be at most the classes of 2 images or more, 2, but were 70000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MPerClassSampler.pairs(set, 2, 1).epoch(-3))
        .withMessage("epoch must be >= 0 but was -3");
  }
}
