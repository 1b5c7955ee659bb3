// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SeedsTest {
  @Test
  void neighborsDiffer() {
    Set<Long> seeds = new HashSet<>();
    for (int a = 0; a < 30; a++) {
      for (int b = 0; b < 30; b++) {
        seeds.add(Seeds.of(a, b));
      }
      seeds.add(Seeds.of(a));
      seeds.add(Seeds.of(a, 0, 0));
    }

    assertThat(seeds).hasSize(960);
  }

  @Test
  void halfOfTheBitsChangeBetweenNeighbors() {
    int changed = 0;
    for (int i = 0; i < 1000; i++) {
      changed += Long.bitCount(Seeds.of(5, i) ^ Seeds.of(5, i + 1));
    }

    // 64000 coins: 31400 to 32600 is more than four standard deviations to each side.
    assertThat(changed).isBetween(31400, 32600);
  }

  @Test
  void theSeedOfAnEpochStaysWhatItWas() {
    // A checkpoint of one version goes on in the next: what is drawn must not change.
    assertThat(Seeds.ofEpoch(1, 2)).isEqualTo(Seeds.of(1, 2)).isEqualTo(5784471119661685217L);
  }

  @Test
  void refusesANegativeEpoch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Seeds.ofEpoch(7, -1))
        .withMessage("epoch must be >= 0 but was -1");
  }

  @Test
  void everyPermutationOfThreeIsEquallyProbable() {
    Random random = new Random(3);
    int[] counts = new int[27];
    for (int i = 0; i < 6000; i++) {
      int[] p = Seeds.permutation(3, random);
      counts[9 * p[0] + 3 * p[1] + p[2]]++;
    }

    assertThat(Arrays.stream(counts).filter(n -> n > 0).toArray()).hasSize(6);
    assertThat(Arrays.stream(counts).filter(n -> n > 0).allMatch(n -> n > 850 && n < 1150))
        .as("%s", Arrays.toString(counts))
        .isTrue();
  }

  @Test
  void anotherIsAnyButTheOne() {
    Random random = new Random(4);
    int[] counts = new int[4];
    for (int i = 0; i < 3000; i++) {
      counts[Seeds.another(new int[] {0, 1, 2, 3}, 1, random)]++;
    }

    assertThat(counts[1]).isZero();
    assertThat(counts[0]).isBetween(880, 1120);
    assertThat(counts[2]).isBetween(880, 1120);
    assertThat(counts[3]).isBetween(880, 1120);
  }

  @Test
  void classesOfSoManyImages() {
    LabeledImages set = Sets.ofSizes(1, 3, 2, 1);

    assertThat(Seeds.classesOf(set, 1)).containsExactly(0, 1, 2, 3);
    assertThat(Seeds.classesOf(set, 2)).containsExactly(1, 2);
    assertThat(Seeds.classesOf(set, 4)).isEmpty();
  }
}
