// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.testkit.DifferentiablePoolingContract;
import io.deepretrieval.testkit.PoolingContract;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The poolings of several parts against the contracts; gradients by central differences. */
class RegionalContractTest {
  static LinearTransform projection(int from, int to) {
    Random random = new Random(11);
    float[] mean = new float[from];
    float[] matrix = new float[from * to];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = (float) random.nextGaussian();
      mean[i % from] = 0.1f * (float) random.nextGaussian();
    }
    return LinearTransform.centered("projection", "random seed 11", mean, matrix);
  }

  @Nested
  class Rmac extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return RmacPooling.original();
    }

    @Test
    void regionVectorsRefuseNaNAndInfinity() {
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        float[] values = new float[2 * 3 * 4];
        values[1] = bad;
        FeatureMap map = FeatureMap.ofOwned(2, 3, 4, values);
        assertThatThrownBy(() -> RmacPooling.original().regionVectors(map))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("must be finite but channel 1 was " + bad);
      }
    }
  }

  @Nested
  class RmacWithWholeMap extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return RmacPooling.withWholeMap();
    }
  }

  @Nested
  class RmacWhitened extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return RmacPooling.endToEnd().withRegionTransform(projection(channels(), 5));
    }
  }

  @Nested
  class RegionalGem extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return RegionalPooling.differentiable(
          new RegionGrid(2, 0.4, true),
          GemPooling.learnable(3),
          Optional.of(projection(channels(), 7)));
    }
  }

  @Nested
  class RegionalSpoc extends PoolingContract {
    @Override
    protected Pooling pooling() {
      return RegionalPooling.of(new RegionGrid(3, 0.4, true), SpocPooling.mean(), Optional.empty());
    }
  }

  @Nested
  class Projected extends PoolingContract {
    @Override
    protected Pooling pooling() {
      return new ProjectedPooling(GemPooling.fixed(3), projection(channels(), 6), true);
    }
  }

  @Nested
  class Crow extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return new CrowPooling();
    }
  }

  @Nested
  class NeuralCodes extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return new NeuralCodesPooling(3, 4);
    }

    @Override
    protected List<int[]> shapes() {
      return List.of(new int[] {3, 4});
    }
  }

  @Nested
  class OfflineCam extends PoolingContract {
    @Override
    protected Pooling pooling() {
      return ClassWeightedPooling.of(projection(channels(), 9)).withTopClasses(4);
    }
  }

  @Nested
  class OnlineCam extends PoolingContract {
    @Override
    protected Pooling pooling() {
      return ClassWeightedPooling.of(projection(channels(), 9))
          .forClasses(List.of(8, 0, 3))
          .withClassTransform(projection(channels(), 6));
    }
  }
}
