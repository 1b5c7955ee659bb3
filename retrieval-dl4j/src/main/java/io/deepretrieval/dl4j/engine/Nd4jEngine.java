// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.FeatureMap;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph run by Deeplearning4j itself: for backends other than the CPU, and the reference that the
 * tests compare the compiled plan with. One run at a time.
 */
public final class Nd4jEngine implements InferenceEngine {
  private final ComputationGraph graph;
  private final String layer;
  private final int layerIndex;
  private final boolean channelsLast;
  private final int channels;

  public Nd4jEngine(ComputationGraph graph, String layer) {
    this.graph = graph;
    this.layer = layer;
    this.layerIndex = graph.getVertex(layer).getVertexIndex();
    ConvolutionLayer first = firstConvolution(graph);
    this.channelsLast = first.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    this.channels = (int) first.getNIn();
  }

  private static ConvolutionLayer firstConvolution(ComputationGraph graph) {
    for (int index : graph.topologicalSortOrder()) {
      String name = graph.getVertices()[index].getVertexName();
      if (graph.getConfiguration().getVertices().get(name) instanceof LayerVertex vertex
          && vertex.getLayerConf().getLayer() instanceof ConvolutionLayer conv) {
        return conv;
      }
    }
    throw new IllegalArgumentException("network must have a convolution but has none");
  }

  @Override
  public synchronized List<FeatureMap> run(
      int batch, int height, int width, Consumer<FloatBuffer> fill) {
    float[] values = new float[batch * height * width * channels];
    fill.accept(FloatBuffer.wrap(values));
    try (INDArray input = Nd4j.create(values, new long[] {batch, height, width, channels}, 'c')) {
      INDArray laidOut = channelsLast ? input : input.permute(0, 3, 1, 2).dup('c');
      Map<String, INDArray> all =
          graph.feedForward(new INDArray[] {laidOut}, position(), false, true);
      INDArray result = Objects.requireNonNull(all.get(layer), layer);
      INDArray last = (channelsLast ? result : result.permute(0, 2, 3, 1)).dup('c');
      int h = (int) last.size(1);
      int w = (int) last.size(2);
      int c = (int) last.size(3);
      float[] flat = last.castTo(DataType.FLOAT).data().asFloat();
      List<FeatureMap> maps = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        float[] one = new float[c * h * w];
        System.arraycopy(flat, i * one.length, one, 0, one.length);
        maps.add(FeatureMap.ofOwned(c, h, w, one));
      }
      return maps;
    }
  }

  /** Where the layer stands in the order in which the graph runs. */
  private int position() {
    int[] order = graph.topologicalSortOrder();
    for (int i = 0; i < order.length; i++) {
      if (order[i] == layerIndex) {
        return i;
      }
    }
    throw new IllegalStateException("layer '" + layer + "' must be in the graph");
  }

  @Override
  public void close() {}
}
