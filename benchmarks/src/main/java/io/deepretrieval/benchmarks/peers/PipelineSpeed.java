// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.peers;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Times the way from JPEG bytes to GeM descriptors beside the network alone on the same images,
 * decoded already. Prints one line of JSON: milliseconds an image of the whole way and of the
 * network (medians), the median over the rounds of network time divided by time of the whole way,
 * and the peak of resident memory. The two take turns.
 *
 * <p>Arguments: backbone, width, height, batch, batches a round, rounds, threads.
 */
public final class PipelineSpeed {
  private PipelineSpeed() {}

  /**
   * Runs the measurement.
   *
   * @param args backbone, width, height, batch, batches a round, rounds, threads
   * @throws IOException if an image cannot be written or read, or the peak of memory not be read
   */
  public static void main(String[] args) throws IOException {
    int width = Integer.parseInt(args[1]);
    int height = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int batches = Integer.parseInt(args[4]);
    int rounds = Integer.parseInt(args[5]);
    ImageIoDecoder decoder = new ImageIoDecoder();
    List<ExtractionItem> items = new ArrayList<>();
    List<RgbImage> decoded = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      ImageSource source = ImageSource.of("i" + i, jpeg(width, height, i));
      items.add(ExtractionItem.of("i" + i, source));
      decoded.add(decoder.decode(source));
    }
    List<ExtractionItem> all = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      all.addAll(items);
    }
    double[] whole = new double[rounds];
    double[] network = new double[rounds];
    double[] rate = new double[rounds];
    Options options = Options.of(Map.of("seed", "1", "threads", args[6]));
    Backbone backbone = Providers.backbones().get(args[0]).create(options);
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(backbone, GemPooling.fixed(3), decoder).batch(batch).build()) {
      for (int i = -1; i < rounds; i++) {
        long start = System.nanoTime();
        for (int j = 0; j < batches; j++) {
          backbone.extract(decoded);
        }
        long middle = System.nanoTime();
        ExtractionReport report = extractor.extractAll(all, (item, descriptor) -> {});
        long end = System.nanoTime();
        if (report.extracted() != all.size()) {
          throw new IOException("images failed: " + report.failures());
        }
        if (i >= 0) {
          network[i] = (middle - start) / 1e6 / all.size();
          whole[i] = (end - middle) / 1e6 / all.size();
          rate[i] = network[i] / whole[i];
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "{\"ms\": %.2f, \"network_ms\": %.2f, \"rate\": %.4f, \"peak_mb\": %d}%n",
        median(whole),
        median(network),
        median(rate),
        Measured.peakMegabytes());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Waves and a little noise: as large as a photo is as JPEG, and as slow to decode. */
  private static byte[] jpeg(int width, int height, int seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int noise = random.nextInt(24);
        int red = 116 + (int) (110 * Math.sin((x + seed) / 17.0) * Math.cos(y / 23.0)) + noise;
        int green = 116 + (int) (110 * Math.sin((x + y) / 11.0)) + noise;
        int blue = 116 + (int) (110 * Math.cos((x - 2 * y + seed) / 31.0)) + noise;
        image.setRGB(x, y, bounded(red) << 16 | bounded(green) << 8 | bounded(blue));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (!ImageIO.write(image, "jpeg", bytes)) {
      throw new IOException("this JDK must write JPEG but has no writer");
    }
    return bytes.toByteArray();
  }

  private static int bounded(int value) {
    return Math.min(255, Math.max(0, value));
  }
}
