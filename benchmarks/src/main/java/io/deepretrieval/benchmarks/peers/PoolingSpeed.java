// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.peers;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.CrowPooling;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.pooling.MacPooling;
import io.deepretrieval.pooling.RmacPooling;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.pooling.transform.PcaTrainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Times poolings of one map on one thread, or the fit of a PCA-whitening, and prints one line of
 * JSON: microseconds a map (median) by pooling, or seconds.
 *
 * <p>Arguments: {@code C H W rounds}, or {@code pca N D}. Maps take turns so that together they
 * leave the caches behind; {@code read} is one plain pass over the same memory, the least that any
 * pooling must do.
 */
public final class PoolingSpeed {
  /** Bytes of all maps together: several times the last-level cache of one core's share. */
  private static final long BYTES = 256L << 20;

  /** Long enough for the JVM to compile what is measured. */
  private static final long WARM_UP = 1_000_000_000L;

  private PoolingSpeed() {}

  /**
   * Runs the measurement.
   *
   * @param args {@code C H W rounds}, or {@code pca N D}
   */
  public static void main(String[] args) {
    if (args[0].equals("pca")) {
      fit(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    } else {
      int[] n = Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
      pool(n[0], n[1], n[2], n[3]);
    }
  }

  private static void pool(int c, int h, int w, int rounds) {
    Random random = new Random(1);
    int count = (int) Math.max(1, BYTES / (4L * c * h * w));
    List<FeatureMap> maps = new ArrayList<>();
    for (int m = 0; m < count; m++) {
      float[] values = new float[c * h * w];
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.max(0, (float) random.nextGaussian());
      }
      maps.add(FeatureMap.ofOwned(c, h, w, values));
    }
    Map<String, Pooling> poolings = new LinkedHashMap<>();
    poolings.put("mac", new MacPooling());
    poolings.put("spoc", SpocPooling.mean());
    poolings.put("gem p=3", GemPooling.fixed(3));
    poolings.put("gem p=2.92", GemPooling.fixed(2.92f));
    poolings.put("r-mac L=3", RmacPooling.withWholeMap());
    poolings.put("crow", new CrowPooling());
    StringBuilder json = new StringBuilder("{");
    double sink = 0;
    double[] us = new double[rounds];
    Map<String, ToDoubleFunction<FeatureMap>> cases = new LinkedHashMap<>();
    cases.put("read", map -> read(map.sharedValues()));
    poolings.forEach((name, pooling) -> cases.put(name, map -> pooling.pool(map)[0]));
    for (Map.Entry<String, ToDoubleFunction<FeatureMap>> one : cases.entrySet()) {
      long warm = System.nanoTime() + WARM_UP;
      for (int i = 0; System.nanoTime() < warm; i++) {
        sink += one.getValue().applyAsDouble(maps.get(i % count));
      }
      for (int i = 0; i < rounds; i++) {
        FeatureMap map = maps.get(i % count);
        long start = System.nanoTime();
        sink += one.getValue().applyAsDouble(map);
        us[i] = (System.nanoTime() - start) / 1e3;
      }
      json.append(String.format(Locale.ROOT, "\"%s\": %.1f, ", one.getKey(), median(us)));
    }
    System.out.println(json.append("\"sink\": ").append(sink).append('}'));
  }

  /** A vectorized pass over the memory: the JVM's own comparison, of the array with itself. */
  private static float read(float[] values) {
    return Arrays.mismatch(values, 0, values.length, values, 0, values.length);
  }

  private static double median(double[] us) {
    double[] sorted = us.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void fit(int n, int d) {
    Random random = new Random(1);
    float[][] vectors = new float[n][d];
    for (float[] vector : vectors) {
      float common = (float) random.nextGaussian();
      for (int i = 0; i < d; i++) {
        vector[i] = (float) random.nextGaussian() + common * (i % 7);
      }
    }
    long start = System.nanoTime();
    PcaTrainer trainer = new PcaTrainer(d);
    for (float[] vector : vectors) {
      trainer.add(vector);
    }
    int out = trainer.fit("made").whitening(d / 4).outputDimension();
    System.out.printf(
        Locale.ROOT,
        "{\"seconds\": %.3f, \"dimension\": %d}%n",
        (System.nanoTime() - start) / 1e9,
        out);
  }
}
