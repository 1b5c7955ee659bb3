// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.FeatureMap;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Runs a network forward on inputs of any size. Thread-safe. */
public interface InferenceEngine extends AutoCloseable {
  /**
   * Runs the network.
   *
   * @param batch N
   * @param height H
   * @param width W
   * @param fill writes the input, {@code [N,H,W,C]}, into the buffer it gets
   * @return one map for each of the N
   */
  List<FeatureMap> run(int batch, int height, int width, Consumer<FloatBuffer> fill);

  @Override
  void close();
}
