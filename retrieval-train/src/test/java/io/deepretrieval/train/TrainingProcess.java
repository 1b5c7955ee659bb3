// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.testkit.Jvm;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.TripletLoss;
import io.deepretrieval.train.sampler.MPerClassSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A training in a JVM of its own, to be killed or measured. */
final class TrainingProcess {
  private static final int BEFORE = 300;

  private TrainingProcess() {}

  static Process start(String... args) throws IOException {
    return Jvm.of(TrainingProcess.class, args)
        .options("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch")
        .quick()
        .start();
  }

  public static void main(String[] args) throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      LabeledImages images = Trainings.images(12, 4, 16, 1);
      FineTuner.Builder builder =
          FineTuner.builder(
                  backbone, GemPooling.learnable(3), TripletLoss.builder().margin(0.3).build())
              .images(images, MPerClassSampler.of(images, 4, 3, 9), new ImageIoDecoder())
              .augmentation(Augmentation.builder().flip(0.5).brightness(0.2).build())
              .projection(ProjectionHead.random(Trainings.CHANNELS, 6, 4), 1)
              .optimizer(Optimizer.adam(), 1e-3, Schedule.cosine());
      if (args[0].equals("train")) {
        TrainingReport report =
            builder
                .checkpoints(Path.of(args[1]), 1)
                .epochs(12)
                .listener(
                    new TrainingListener() {
                      @Override
                      public void onStep(int epoch, int step, int steps, double loss, int active) {
                        System.out.println("step " + epoch + "." + step);
                      }
                    })
                .build()
                .fit();
        System.out.println("weights " + Trainings.fingerprint(report));
      } else {
        steps(
            builder,
            Integer.parseInt(args[1]),
            MPerClassSampler.of(images, 4, 3, 9).epoch(0).size());
      }
    }
  }

  private static void steps(FineTuner.Builder builder, int steps, int perEpoch) throws IOException {
    long[] resident = new long[2];
    int[] done = {0};
    builder
        .epochs((BEFORE + steps) / perEpoch + 1)
        .listener(
            new TrainingListener() {
              @Override
              public void onStep(int epoch, int step, int ofSteps, double loss, int active) {
                done[0]++;
                if (done[0] == BEFORE || done[0] == BEFORE + steps) {
                  resident[done[0] / (BEFORE + steps)] = residentKilobytes();
                }
              }
            })
        .build()
        .fit();
    System.out.println(resident[1] - resident[0]);
  }

  private static long residentKilobytes() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
      String line = lines.stream().filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", ""));
    } catch (IOException e) {
      throw new IllegalStateException("resident memory must be readable", e);
    }
  }
}
