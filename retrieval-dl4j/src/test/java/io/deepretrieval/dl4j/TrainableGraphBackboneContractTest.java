// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.testkit.TrainableBackboneContract;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;

class TrainableGraphBackboneContractTest extends TrainableBackboneContract {
  @Override
  protected int side() {
    return 32;
  }

  @Override
  protected TrainableBackbone open() {
    return new TrainableGraphBackbone(
        "resnet18", ResNets.create(18, 2, Networks.SEED), Preprocessing.TORCH);
  }

  @Override
  protected TrainableBackbone open(Path file) throws IOException {
    ComputationGraph graph = ResNets.create(18, 2, Networks.SEED + 1);
    TorchvisionWeights.load(graph, file);
    return new TrainableGraphBackbone("resnet18", graph, Preprocessing.TORCH);
  }
}
