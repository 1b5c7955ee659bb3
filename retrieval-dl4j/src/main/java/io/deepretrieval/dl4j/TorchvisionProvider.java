// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.network.WeightNames;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.dl4j.weights.WeightsCatalog;
import io.deepretrieval.dl4j.weights.WeightsDownload;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the networks with weights of torchvision have in common. */
public abstract class TorchvisionProvider implements BackboneProvider {
  private static final Logger LOG = LoggerFactory.getLogger(TorchvisionProvider.class);

  private final String name;
  private final String defaultLayer;

  TorchvisionProvider(String name, String defaultLayer) {
    this.name = name;
    this.defaultLayer = defaultLayer;
  }

  /**
   * Builds the network with random weights.
   *
   * @throws IllegalArgumentException if there is no such layer
   */
  public abstract ComputationGraph graph(String lastLayer, long seed);

  /** How files call its layers. */
  public abstract WeightNames weightNames();

  /** The layer that it ends with if no other is asked for. */
  public final String defaultLayer() {
    return defaultLayer;
  }

  /** All such networks. */
  public static List<TorchvisionProvider> all() {
    return List.of(
        new LayerStackBackboneProvider.Alex(),
        new LayerStackBackboneProvider.Vgg(),
        new ResNetBackboneProvider.Depth18(),
        new ResNetBackboneProvider.Depth34(),
        new ResNetBackboneProvider.Depth50(),
        new ResNetBackboneProvider.Depth101(),
        new ResNetBackboneProvider.Depth152());
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Backbone create(Options options) throws IOException {
    options.requireKnown(
        who(), "weights", "strict", "seed", "layer", "preprocessing", "threads", "concurrency");
    return GraphBackbone.builder(name, graph(options), layer(options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .concurrency(options.integer("concurrency", 1))
        .build();
  }

  @Override
  public final TrainableBackbone createTrainable(Options options) throws IOException {
    options.requireKnown(
        who(), "weights", "strict", "seed", "layer", "preprocessing", "threads", "train-from");
    return TrainableGraphBackbone.builder(
            name, graph(options), layer(options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .trainFrom(options.text("train-from").orElse(""))
        .build();
  }

  private String who() {
    return "backbone " + name;
  }

  private String layer(Options options) {
    return options.text("layer").orElse(defaultLayer);
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
    ComputationGraph graph = graph(layer(options), options.integer("seed", 0));
    if (weights.isPresent()) {
      TorchvisionWeights.load(graph, weightNames(), file, strict);
    } else {
      LOG.warn("{} has random weights: no option weights was given", name);
    }
    return graph;
  }

  private Path file(String weights) throws IOException {
    return weights.startsWith(WeightsCatalog.PREFIX)
        ? WeightsCatalog.cached(weights, name, WeightsDownload.defaultCache())
        : Path.of(weights);
  }
}
