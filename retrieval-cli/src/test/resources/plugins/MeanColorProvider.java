// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import java.util.List;

/** A network that sees nothing but the mean color of an image. */
public final class MeanColorProvider implements BackboneProvider {
  @Override
  public String name() {
    return "mean-color";
  }

  @Override
  public Backbone create(Options options) {
    options.requireKnown(name());
    return new MeanColor();
  }

  private static final class MeanColor implements Backbone {
    @Override
    public BackboneSpec spec() {
      String noWeights = "0".repeat(64);
      return new BackboneSpec(
          "mean-color", "mean", noWeights, Preprocessing.UNIT, new FeatureSpec(3, 1));
    }

    @Override
    public List<FeatureMap> extract(List<RgbImage> images) {
      return images.stream().map(MeanColor::map).toList();
    }

    private static FeatureMap map(RgbImage image) {
      double[] sums = new double[3];
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < image.width(); x++) {
          int rgb = image.rgb(x, y);
          sums[0] += rgb >> 16 & 0xFF;
          sums[1] += rgb >> 8 & 0xFF;
          sums[2] += rgb & 0xFF;
        }
      }
      float[] mean = new float[3];
      for (int c = 0; c < 3; c++) {
        mean[c] = (float) ((1 + sums[c]) / (255.0 * image.width() * image.height()));
      }
      return FeatureMap.ofOwned(3, 1, 1, mean);
    }

    @Override
    public void close() {}
  }
}
