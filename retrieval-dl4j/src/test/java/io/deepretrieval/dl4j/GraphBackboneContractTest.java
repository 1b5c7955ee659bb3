// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.testkit.BackboneContract;

class GraphBackboneContractTest extends BackboneContract {
  @Override
  protected Backbone open() {
    return GraphBackbone.builder(
            "resnet18", ResNets.create(18, 3, Networks.SEED), "layer3", Preprocessing.TORCH)
        .build();
  }
}
