// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.dl4j.plan.NetworkPlan;
import org.bytedeco.javacpp.Loader;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses what runs a network forward on this machine, and says what it found. */
public final class EngineFactory {
  private static final Logger LOG = LoggerFactory.getLogger(EngineFactory.class);

  private static final int PRIMITIVE_CACHE = 128;

  private EngineFactory() {}

  /**
   * Makes an engine: the compiled plan on the CPU backend, Deeplearning4j itself on every other.
   *
   * @param name of the backbone, for messages
   * @param graph the network
   * @param layer where it is cut
   * @param plan its plan
   * @param concurrency callers at once
   * @param threads threads for each, 0 for the default
   */
  public static InferenceEngine create(
      String name,
      ComputationGraph graph,
      String layer,
      NetworkPlan plan,
      int concurrency,
      int threads) {
    org.nd4j.linalg.factory.Nd4jBackend backend = Nd4jBackend.require();
    boolean cpu = backend.getClass().getSimpleName().equals("CpuBackend");
    if (!cpu) {
      LOG.info("inference by Deeplearning4j, without oneDNN; {}", Nd4jBackend.describe());
      return new Nd4jEngine(graph, layer);
    }
    try {
      Loader.load(org.bytedeco.dnnl.global.dnnl.class);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      LOG.warn(
          "oneDNN is not available for {}: inference is about 15 times slower. Add"
              + " org.bytedeco:dnnl with the classifier of this platform. ({})",
          Loader.getPlatform(),
          e.getMessage());
      return new Nd4jEngine(graph, layer);
    }
    LOG.info("{}", Nd4jBackend.describe());
    return create(name, plan, concurrency, threads);
  }

  /**
   * Makes an engine of a plan alone, which runs on the CPU whatever the backend of ND4J is.
   *
   * @throws UnsatisfiedLinkError if there is no oneDNN for this platform
   */
  public static InferenceEngine create(
      String name, NetworkPlan plan, int concurrency, int threads) {
    Loader.load(org.bytedeco.dnnl.global.dnnl.class);
    // Each image size makes primitives of its own; the programs keep those in use themselves.
    org.bytedeco.dnnl.global.dnnl.dnnl_set_primitive_cache_capacity(PRIMITIVE_CACHE);
    LOG.info(
        "inference by {} on CPU, {} arena(s) of {} thread(s)",
        Nd4jBackend.describeOneDnn(),
        concurrency,
        threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    return new OneDnnEngine(name, plan, concurrency, threads);
  }
}
