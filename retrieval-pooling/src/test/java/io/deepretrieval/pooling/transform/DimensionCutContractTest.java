// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import io.deepretrieval.Transform;
import io.deepretrieval.testkit.TransformContract;

class DimensionCutContractTest extends TransformContract {
  @Override
  protected Transform transform() {
    return new DimensionCut(9, 4);
  }
}
