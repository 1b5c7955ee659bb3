// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.peers;

import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.Schedule;
import io.deepretrieval.train.TrainingListener;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.TripletLoss;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Times training steps of a whole backbone with random weights: images that are decoded already
 * through the network, GeM, L2, triplet loss over all triplets, and back, then gradient descent
 * with momentum. Prints one line of JSON: milliseconds a step (median), and the peak of resident
 * memory.
 *
 * <p>Arguments: backbone, width, height, batch, classes, steps, threads.
 */
public final class TrainingSpeed {
  private static final int WARM_UP = 3;

  private TrainingSpeed() {}

  /**
   * Runs the measurement.
   *
   * @param args backbone, width, height, batch, classes, steps, threads
   * @throws IOException if the peak of memory cannot be read
   */
  public static void main(String[] args) throws IOException {
    int width = Integer.parseInt(args[1]);
    int height = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int classes = Integer.parseInt(args[4]);
    int steps = Integer.parseInt(args[5]);
    Random random = new Random(1);
    Map<String, RgbImage> decoded = new HashMap<>();
    LabeledImages.Builder images = LabeledImages.builder();
    for (int i = 0; i < batch; i++) {
      byte[] bytes = new byte[3 * width * height];
      random.nextBytes(bytes);
      decoded.put("i" + i, RgbImage.copyOf(width, height, bytes));
      images.add(ImageSource.of("i" + i, new byte[0]), "c" + i % classes);
    }
    double[] ms = new double[WARM_UP + steps];
    Options options = Options.of(Map.of("seed", "1", "threads", args[6]));
    try (TrainableBackbone backbone = Providers.backbones().get(args[0]).createTrainable(options)) {
      TrainingListener clock =
          new TrainingListener() {
            private long last = System.nanoTime();
            private int done;

            @Override
            public void onStep(int epoch, int step, int ofSteps, double loss, int activeTuples) {
              long now = System.nanoTime();
              ms[done++] = (now - last) / 1e6;
              last = now;
            }
          };
      FineTuner.builder(backbone, GemPooling.fixed(3), TripletLoss.builder().margin(0.3).build())
          .images(
              images.build(),
              epoch -> Collections.nCopies(ms.length, IntStream.range(0, batch).toArray()),
              source -> Objects.requireNonNull(decoded.get(source.name())))
          .augmentation(Augmentation.builder().build())
          .optimizer(Optimizer.sgd(0.9), 1e-4, Schedule.constant())
          .epochs(1)
          .checkData(false)
          .listener(clock)
          .build()
          .fit();
    }
    double[] measured = Arrays.copyOfRange(ms, WARM_UP, ms.length);
    Arrays.sort(measured);
    System.out.printf(
        Locale.ROOT,
        "{\"ms\": %.2f, \"peak_mb\": %d}%n",
        measured[steps / 2],
        Measured.peakMegabytes());
  }
}
