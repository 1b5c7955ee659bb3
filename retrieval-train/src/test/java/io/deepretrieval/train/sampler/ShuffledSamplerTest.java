// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Sets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShuffledSamplerTest {
  @ParameterizedTest
  @CsvSource({"1,1", "10,3", "12,4", "7,100", "100,7", "5,2147483647"})
  void everyImageOnceAnEpoch(int images, int batch) {
    ShuffledSampler sampler = ShuffledSampler.of(Sets.ofSizes(images), batch, 5);
    for (int epoch = 0; epoch < 3; epoch++) {
      List<int[]> batches = sampler.epoch(epoch);

      assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
          .isEqualTo(IntStream.range(0, images).toArray());
      assertThat(batches.stream().limit(batches.size() - 1L))
          .allSatisfy(b -> assertThat(b).hasSize(batch));
      assertThat(batches).hasSize((int) Math.ceil(images / (double) batch));
    }
  }

  @Test
  void anEpochIsTheSameInAnyOrderOfAsking() {
    LabeledImages set = Sets.ofSizes(50);
    ShuffledSampler sampler = ShuffledSampler.of(set, 8, 5);
    List<int[]> third = sampler.epoch(3);
    sampler.epoch(0);

    assertThat(sampler.epoch(3)).usingElementComparator(Arrays::compare).isEqualTo(third);
    assertThat(ShuffledSampler.of(set, 8, 5).epoch(3).get(0)).isEqualTo(third.get(0));
    assertThat(sampler.epoch(4).get(0)).isNotEqualTo(third.get(0));
    assertThat(ShuffledSampler.of(set, 8, 6).epoch(3).get(0)).isNotEqualTo(third.get(0));
  }

  @Test
  void epochsCanBeShortened() {
    BatchSampler sampler = ShuffledSampler.of(Sets.ofSizes(50), 8, 5);

    List<int[]> shortened = sampler.limitedTo(2).epoch(1);

    assertThat(shortened).hasSize(2);
    assertThat(shortened.get(1)).isEqualTo(sampler.epoch(1).get(1));
    assertThat(sampler.limitedTo(7).epoch(1)).hasSize(7);
    assertThat(sampler.limitedTo(1000).epoch(1)).hasSize(7);
  }

  @Test
  void tellsItselfInOneLineThatIsTheSameInEveryRun() {
    BatchSampler sampler = ShuffledSampler.of(Sets.ofSizes(50), 8, 5);

    assertThat(sampler).hasToString("shuffled batch=8 seed=5");
    assertThat(sampler.limitedTo(2)).hasToString("shuffled batch=8 seed=5 limit=2");
  }

  @Test
  void refusesWhatIsOutOfRange() {
    LabeledImages set = Sets.ofSizes(5);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShuffledSampler.of(set, 0, 1))
        .withMessage("batch must be >= 1 but was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShuffledSampler.of(set, 1, 1).epoch(-1))
        .withMessage("epoch must be >= 0 but was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShuffledSampler.of(set, 1, 1).limitedTo(0))
        .withMessage("batches of an epoch must be >= 1 but were 0");
  }
}
