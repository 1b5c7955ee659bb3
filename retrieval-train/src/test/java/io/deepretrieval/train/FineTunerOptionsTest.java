// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.TripletLoss;
import io.deepretrieval.train.sampler.MPerClassSampler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FineTunerOptionsTest {
  private final LabeledImages images = Trainings.images(4, 4, 16, 1);

  private FineTuner.Builder tuner(TrainableBackbone backbone) {
    return FineTuner.builder(backbone, SpocPooling.mean(), TripletLoss.builder().build())
        .images(images, MPerClassSampler.of(images, 3, 2, 9), new ImageIoDecoder())
        .augmentation(Augmentation.builder().build())
        .optimizer(Optimizer.adam(), 1e-3, Schedule.constant())
        .epochs(2);
  }

  private void change(FineTuner.Builder builder, List<EpochReport> heard) {
    builder
        .images(images, epoch -> List.of(new int[] {0, 1}), new ImageIoDecoder())
        .epochs(1)
        .seed(5)
        .accumulate(3)
        .optimizer(Optimizer.sgd(0), 1, Schedule.cosine())
        .listener(
            new TrainingListener() {
              @Override
              public void onEpoch(EpochReport epoch, int epochs) {
                heard.add(epoch);
              }
            });
  }

  @Test
  void aBuilderThatGoesOnChangesNothingThatItBuilt() throws IOException {
    TrainingReport expected;
    int weights;
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      expected = tuner(backbone).build().fit();
      weights = Trainings.fingerprint(expected);
    }
    List<EpochReport> heard = new ArrayList<>();
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      FineTuner.Builder builder = tuner(backbone);
      FineTuner tuner = builder.build();
      change(builder, heard);
      TrainingReport report = tuner.fit();
      assertThat(report.recipe()).isEqualTo(expected.recipe());
      assertThat(Trainings.fingerprint(report)).isEqualTo(weights);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void aListenerThatChangesTheBuilderChangesNothingOfTheRun() throws IOException {
    List<EpochReport> heard = new ArrayList<>();
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      FineTuner.Builder builder = tuner(backbone);
      builder.listener(
          new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, int steps, double loss, int active) {
              change(builder, heard);
            }
          });
      assertThat(builder.build().fit().epochs()).hasSize(2);
    }
    assertThat(heard).isEmpty();
  }
}
