// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.network.TorchvisionNetwork;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.dl4j.weights.WeightsCatalog;
import io.deepretrieval.dl4j.weights.WeightsDownload;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the networks with weights of torchvision have in common. */
abstract class TorchvisionProvider implements BackboneProvider {
  private static final Logger LOG = LoggerFactory.getLogger(TorchvisionProvider.class);

  private final TorchvisionNetwork network;

  TorchvisionProvider(TorchvisionNetwork network) {
    this.network = network;
  }

  @Override
  public final String name() {
    return network.name();
  }

  @Override
  public final Backbone create(Options options) throws IOException {
    options.requireKnown(
        who(), "weights", "strict", "seed", "layer", "preprocessing", "threads", "concurrency");
    return GraphBackbone.builder(name(), graph(options), layer(options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .concurrency(options.integer("concurrency", 1))
        .build();
  }

  @Override
  public final TrainableBackbone createTrainable(Options options) throws IOException {
    options.requireKnown(
        who(), "weights", "strict", "seed", "layer", "preprocessing", "threads", "train-from");
    return TrainableGraphBackbone.builder(
            name(), graph(options), layer(options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .trainFrom(options.text("train-from").orElse(""))
        .build();
  }

  private String who() {
    return "backbone " + name();
  }

  private String layer(Options options) {
    return options.text("layer").orElse(network.defaultLayer());
  }

  private static Preprocessing preprocessing(Options options) {
    return Preprocessing.named(options.text("preprocessing").orElse("torch"));
  }

  private boolean strict(Options options) {
    String text = options.text("strict").orElse("true");
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException(
          "option strict of " + who() + " must be true or false but was '" + text + "'");
    }
    return text.equals("true");
  }

  private ComputationGraph graph(Options options) throws IOException {
    Optional<String> weights = options.text("weights");
    if (weights.isPresent() && options.text("seed").isPresent()) {
      throw new IllegalArgumentException(who() + " must have one of weights and seed but has both");
    }
    boolean strict = strict(options);
    Path file = weights.isPresent() ? file(weights.get()) : Path.of("");
    ComputationGraph graph = network.graph(layer(options), options.integer("seed", 0));
    if (weights.isPresent()) {
      TorchvisionWeights.load(graph, network.weightNames(), file, strict);
    } else {
      LOG.warn("{} has random weights: no option weights was given", name());
    }
    return graph;
  }

  private Path file(String weights) throws IOException {
    return weights.startsWith(WeightsCatalog.PREFIX)
        ? WeightsCatalog.cached(weights, name(), WeightsDownload.defaultCache())
        : Path.of(weights);
  }
}
