// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.peers;

import io.deepretrieval.Backbone;
import io.deepretrieval.RgbImage;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Times the forward pass of a backbone with random weights, from 8-bit images to feature maps, and
 * prints one line of JSON: milliseconds a batch (median), and the peak of resident memory.
 *
 * <p>Arguments: backbone, width, height, batch, rounds, threads.
 */
public final class ForwardSpeed {
  private ForwardSpeed() {}

  /**
   * Runs the measurement.
   *
   * @param args backbone, width, height, batch, rounds, threads
   * @throws IOException if the peak of memory cannot be read
   */
  public static void main(String[] args) throws IOException {
    int width = Integer.parseInt(args[1]);
    int height = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[4]);
    Random random = new Random(1);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      byte[] bytes = new byte[3 * width * height];
      random.nextBytes(bytes);
      images.add(RgbImage.copyOf(width, height, bytes));
    }
    double[] ms = new double[rounds];
    Options options = Options.of(Map.of("seed", "1", "threads", args[5]));
    try (Backbone backbone = Providers.backbones().get(args[0]).create(options)) {
      for (int i = -2; i < rounds; i++) {
        long start = System.nanoTime();
        backbone.extract(images);
        if (i >= 0) {
          ms[i] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    Arrays.sort(ms);
    System.out.printf(
        Locale.ROOT, "{\"ms\": %.2f, \"peak_mb\": %d}%n", ms[rounds / 2], Measured.peakMegabytes());
  }
}
