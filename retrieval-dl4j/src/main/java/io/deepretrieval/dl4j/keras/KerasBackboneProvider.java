// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.GraphBackbone;
import io.deepretrieval.dl4j.TrainableGraphBackbone;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The backbone {@code keras}: a functional Keras model from an {@code .h5} file, with or without
 * top.
 *
 * <p>Options: {@code weights} (the file, required), {@code layer} (default: the last map, which is
 * the model's output where it has no top), {@code preprocessing} (default {@code tf}, [-1, 1]; the
 * file cannot say it), {@code threads}, {@code concurrency}.
 */
public final class KerasBackboneProvider implements BackboneProvider {
  /** Makes a provider, for {@link java.util.ServiceLoader}. */
  public KerasBackboneProvider() {}

  @Override
  public String name() {
    return "keras";
  }

  @Override
  public Backbone create(Options options) throws IOException {
    options.requireKnown(
        "backbone keras", "weights", "layer", "preprocessing", "threads", "concurrency");
    ComputationGraph graph = graph(options);
    return GraphBackbone.builder(name(), graph, layer(graph, options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .concurrency(options.integer("concurrency", 1))
        .build();
  }

  @Override
  public TrainableBackbone createTrainable(Options options) throws IOException {
    options.requireKnown(
        "backbone keras", "weights", "layer", "preprocessing", "threads", "train-from");
    ComputationGraph graph = graph(options);
    return TrainableGraphBackbone.builder(
            name(), graph, layer(graph, options), preprocessing(options))
        .threads(options.integer("threads", 0))
        .trainFrom(options.text("train-from").orElse(""))
        .build();
  }

  /** Layers that cannot run are a fault of the file; a layer that it does not have is none. */
  private static ComputationGraph graph(Options options) throws IOException {
    Path file =
        options
            .path("weights")
            .orElseThrow(
                () -> new IllegalArgumentException("backbone keras must have the option weights"));
    ComputationGraph graph = KerasNetworks.read(file);
    String layer = layer(graph, options);
    if (graph.getConfiguration().getVertices().containsKey(layer)) {
      try {
        GraphCompiler.compile(graph, layer);
      } catch (RuntimeException e) {
        throw new IOException(
            "cannot read weights " + file + " (keras): its network cannot run: " + e.getMessage(),
            e);
      }
    }
    return graph;
  }

  private static String layer(ComputationGraph graph, Options options) {
    return options.text("layer").orElseGet(() -> KerasNetworks.lastMap(graph));
  }

  private static Preprocessing preprocessing(Options options) {
    return Preprocessing.named(options.text("preprocessing").orElse("tf"));
  }
}
