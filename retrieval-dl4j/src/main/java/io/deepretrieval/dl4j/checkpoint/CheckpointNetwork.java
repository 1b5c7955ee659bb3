// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.Backbone;
import io.deepretrieval.LinearMap;
import io.deepretrieval.dl4j.GraphBackbone;
import io.deepretrieval.dl4j.network.TorchvisionNetwork;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.Window;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.PickleNames;
import io.deepretrieval.format.TorchFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The network of a checkpoint, with the whitening of single positions if it has one. */
final class CheckpointNetwork {
  private CheckpointNetwork() {}

  /** Reads a network; the caller closes it. */
  static Backbone open(Path file, CheckpointParts parts, int threads, int concurrency)
      throws IOException {
    TorchvisionNetwork network = require(parts.architecture());
    String layer = network.defaultLayer();
    ComputationGraph graph = network.graph(layer, 0);
    try (NamedTensors tensors = NamedTensors.open(file)) {
      TorchvisionWeights.load(graph, network.weightNames(), tensors, parts.names(), true);
    }
    if (parts.local().isEmpty()) {
      return GraphBackbone.builder(parts.architecture(), graph, layer, parts.preprocessing())
          .threads(threads)
          .concurrency(concurrency)
          .build();
    }
    NetworkPlan plan = behind(file, GraphCompiler.compile(graph, layer), parts.local().get());
    return GraphBackbone.of(
        parts.architecture(), "lwhiten", parts.preprocessing(), plan, concurrency, threads);
  }

  /** Finds the network of a name. */
  static TorchvisionNetwork require(String architecture) throws MalformedCheckpointException {
    for (TorchvisionNetwork network : TorchvisionNetwork.all()) {
      if (network.name().equals(architecture)) {
        return network;
      }
    }
    throw new MalformedCheckpointException(
        "its architecture must be one of "
            + TorchvisionNetwork.all().stream().map(TorchvisionNetwork::name).toList()
            + " but is '"
            + PickleNames.shown(architecture)
            + "'");
  }

  /** A plan with a layer that maps each position of its output. */
  static NetworkPlan behind(Path file, NetworkPlan plan, LinearMap map) throws IOException {
    int last = plan.steps().size();
    int channels = plan.steps().get(last - 1).channels();
    if (map.inputDimension() != channels) {
      throw TorchFile.broken(
          file,
          new IOException(
              "lwhiten must take the "
                  + channels
                  + " channels of the network but takes "
                  + map.inputDimension()));
    }
    List<NetworkPlan.Step> steps = new ArrayList<>(plan.steps());
    steps.add(
        new NetworkPlan.Conv(
            "lwhiten",
            last,
            -1,
            map.outputDimension(),
            1,
            Window.POINT,
            new NetworkPlan.Weights() {
              @Override
              public float[] kernel() {
                return map.matrix();
              }

              @Override
              public float[] bias() {
                return map.bias();
              }
            },
            Activation.IDENTITY));
    return new NetworkPlan(plan.inputChannels(), steps);
  }
}
