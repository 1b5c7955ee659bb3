// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.testkit.DifferentiablePoolingContract;

class MacPoolingContractTest extends DifferentiablePoolingContract {
  @Override
  protected DifferentiablePooling pooling() {
    return new MacPooling();
  }
}
