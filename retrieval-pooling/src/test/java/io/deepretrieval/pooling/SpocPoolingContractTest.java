// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.testkit.DifferentiablePoolingContract;
import org.junit.jupiter.api.Nested;

class SpocPoolingContractTest {
  @Nested
  class Mean extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return SpocPooling.mean();
    }
  }

  @Nested
  class Sum extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return SpocPooling.sum();
    }
  }

  @Nested
  class CenterPrior extends DifferentiablePoolingContract {
    @Override
    protected DifferentiablePooling pooling() {
      return SpocPooling.centerPrior();
    }
  }
}
