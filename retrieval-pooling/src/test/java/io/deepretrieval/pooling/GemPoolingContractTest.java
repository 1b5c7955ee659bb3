// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.testkit.DifferentiablePoolingContract;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;

class GemPoolingContractTest {
  @Nested
  class Fixed extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.fixed(3);
    }
  }

  @Nested
  class Learnable extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.learnable(2.92f);
    }
  }

  @Nested
  class Mean extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.learnable(1);
    }
  }

  @Nested
  class Steep extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.learnable(12.5f);
    }
  }

  @Nested
  class Flat extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.learnable(0.3f);
    }
  }

  @Nested
  class PerChannel extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      float[] p = new float[channels()];
      for (int c = 0; c < p.length; c++) {
        p[c] = 1 + 0.3f * c;
      }
      return GemPooling.perChannel(p);
    }
  }

  @Nested
  class FlatPerChannel extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      float[] p = new float[channels()];
      Arrays.fill(p, 2);
      p[3] = 0.25f;
      return GemPooling.perChannel(p);
    }
  }

  @Nested
  class WideClamp extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return GemPooling.learnable(3).withEps(0.01f);
    }
  }
}
