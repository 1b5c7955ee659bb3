// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;

/** A pooling that takes the cell in the upper left corner, plus a bias. */
public final class UpperLeftProvider implements PoolingProvider {
  @Override
  public String name() {
    return "upper-left";
  }

  @Override
  public Pooling create(Options options) {
    options.requireKnown(name(), "bias");
    return new UpperLeft((float) options.number("bias", 0.001));
  }

  private record UpperLeft(float bias) implements Pooling {
    @Override
    public String recipe() {
      return "upper-left bias=" + bias;
    }

    @Override
    public int dimension(int channels) {
      return channels;
    }

    @Override
    public float[] pool(FeatureMap map) {
      float[] out = new float[map.channels()];
      for (int c = 0; c < out.length; c++) {
        out[c] = map.at(c, 0, 0) + bias;
      }
      return out;
    }
  }
}
