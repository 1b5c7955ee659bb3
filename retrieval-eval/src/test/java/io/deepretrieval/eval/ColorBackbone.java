// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Pooling;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.testkit.ExactListIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mean red, green and blue of each 4x4 patch, so that every cosine can be computed by hand.
 * Counts the images that it sees.
 */
public final class ColorBackbone implements Backbone {
  private static final int STRIDE = 4;

  int seen;

  /** Mean over all cells. */
  public static final Pooling MEAN =
      new Pooling() {
        @Override
        public String recipe() {
          return "mean";
        }

        @Override
        public int dimension(int channels) {
          return channels;
        }

        @Override
        public float[] pool(FeatureMap map) {
          float[] mean = new float[map.channels()];
          float[] values = map.sharedValues();
          for (int i = 0; i < values.length; i++) {
            mean[i % mean.length] += values[i] / (map.height() * map.width());
          }
          return mean;
        }

        @Override
        public Optional<double[]> contributions(FeatureMap map, double[] direction) {
          double[] shares = new double[map.height() * map.width()];
          float[] values = map.sharedValues();
          for (int i = 0; i < values.length; i++) {
            shares[i / map.channels()] += direction[i % map.channels()] * values[i] / shares.length;
          }
          return Optional.of(shares);
        }
      };

  public DescriptorExtractor extractor() {
    return DescriptorExtractor.builder(this, MEAN, TestImages.DECODER).batch(3).build();
  }

  @Override
  public BackboneSpec spec() {
    return new BackboneSpec(
        "colour", "mean", "0".repeat(64), Preprocessing.UNIT, new FeatureSpec(3, STRIDE));
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    List<FeatureMap> maps = new ArrayList<>();
    for (RgbImage image : images) {
      int height = image.height() / STRIDE;
      int width = image.width() / STRIDE;
      float[] out = new float[3 * height * width];
      for (int y = 0; y < height * STRIDE; y++) {
        for (int x = 0; x < width * STRIDE; x++) {
          int rgb = image.rgb(x, y);
          int cell = 3 * (y / STRIDE * width + x / STRIDE);
          out[cell] += (rgb >> 16 & 0xFF) / 16f;
          out[cell + 1] += (rgb >> 8 & 0xFF) / 16f;
          out[cell + 2] += (rgb & 0xFF) / 16f;
        }
      }
      maps.add(FeatureMap.ofOwned(3, height, width, out));
      seen++;
    }
    return maps;
  }

  @Override
  public void close() {}

  /** Collects for the naive index of the test kit. */
  public static final class ListIndexBuilder implements IndexBuilder {
    private final Map<String, Descriptor> vectors = new LinkedHashMap<>();

    @Override
    public IndexBuilder add(String id, Descriptor descriptor) {
      if (vectors.put(id, descriptor) != null) {
        throw new IllegalArgumentException("'" + id + "' was added before");
      }
      return this;
    }

    @Override
    public Index build() {
      return new ExactListIndex(vectors);
    }
  }
}
