// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.PoolKind;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.Weights;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Turns the part of a {@code ComputationGraph} that leads to one layer into a {@link NetworkPlan}:
 * one step a vertex first, then normalization, activations, additions and paddings are fused into
 * the convolutions before or behind them. A vertex that has no counterpart is an error that names
 * it.
 */
public final class GraphCompiler {
  private static final String SUPPORTED =
      "Convolution2D, DepthwiseConvolution2D, SeparableConvolution2D, BatchNormalization,"
          + " Activation (identity, relu, relu6, leakyrelu, elu, sigmoid, tanh, swish), Subsampling"
          + " (max, avg), GlobalPooling (max, avg), ZeroPadding, Dropout, Merge, ElementWise Add";

  private final ComputationGraph graph;
  private final List<Step> steps = new ArrayList<>();
  private final List<Integer> channels = new ArrayList<>();
  private final Map<String, Integer> values = new HashMap<>();

  private GraphCompiler(ComputationGraph graph) {
    this.graph = graph;
  }

  /**
   * Compiles a graph.
   *
   * @param graph an initialized graph with one image input (not modified; read again when a program
   *     is made)
   * @param layer the vertex to cut behind
   * @return the plan
   * @throws IllegalArgumentException if there is no such layer, or a vertex on the way to it cannot
   *     be compiled
   */
  public static NetworkPlan compile(ComputationGraph graph, String layer) {
    return new GraphCompiler(graph).run(layer);
  }

  private NetworkPlan run(String layer) {
    Map<String, GraphVertex> vertices = graph.getConfiguration().getVertices();
    List<String> inputs = graph.getConfiguration().getNetworkInputs();
    if (!vertices.containsKey(layer)) {
      throw new IllegalArgumentException(
          "unknown layer '" + layer + "'; known: " + String.join(", ", names(vertices)));
    }
    if (inputs.size() != 1) {
      throw new IllegalArgumentException("network must have one input but has " + inputs);
    }
    Set<String> needed = ancestors(layer);
    int inputChannels = inputChannels(needed);
    values.put(inputs.get(0), 0);
    channels.add(inputChannels);
    for (int index : graph.topologicalSortOrder()) {
      String name = graph.getVertices()[index].getVertexName();
      if (needed.contains(name) && vertices.containsKey(name)) {
        values.put(name, lower(name, vertices.get(name)));
      }
    }
    int output = Objects.requireNonNull(values.get(layer), layer);
    return PlanFuser.fuse(new NetworkPlan(inputChannels, steps), output);
  }

  private List<String> names(Map<String, GraphVertex> vertices) {
    List<String> names = new ArrayList<>();
    for (int index : graph.topologicalSortOrder()) {
      String name = graph.getVertices()[index].getVertexName();
      if (vertices.containsKey(name)) {
        names.add(name);
      }
    }
    return names;
  }

  private Set<String> ancestors(String layer) {
    Map<String, List<String>> inputsOf = graph.getConfiguration().getVertexInputs();
    Set<String> seen = new HashSet<>();
    List<String> open = new ArrayList<>(List.of(layer));
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (seen.add(name) && inputsOf.containsKey(name)) {
        open.addAll(inputsOf.get(name));
      }
    }
    return seen;
  }

  private int inputChannels(Set<String> needed) {
    for (int index : graph.topologicalSortOrder()) {
      String name = graph.getVertices()[index].getVertexName();
      if (needed.contains(name)
          && graph.getConfiguration().getVertices().get(name) instanceof LayerVertex vertex
          && layer(vertex) instanceof ConvolutionLayer conv) {
        return (int) conv.getNIn();
      }
    }
    throw new IllegalArgumentException("network must have a convolution but has none");
  }

  private static Layer layer(LayerVertex vertex) {
    Layer layer = vertex.getLayerConf().getLayer();
    return layer instanceof FrozenLayer frozen ? frozen.getLayer() : layer;
  }

  private int add(Step step) {
    steps.add(step);
    channels.add(step.channels());
    return steps.size();
  }

  private List<Integer> inputsOf(String name) {
    List<String> names = graph.getConfiguration().getVertexInputs().get(name);
    return Objects.requireNonNull(names, name).stream().map(values::get).toList();
  }

  private int lower(String name, GraphVertex vertex) {
    List<Integer> inputs = inputsOf(name);
    if (vertex instanceof LayerVertex layerVertex) {
      if (layerVertex.getPreProcessor() != null) {
        throw unsupported(name, layerVertex.getPreProcessor().getClass().getSimpleName());
      }
      return lower(name, layer(layerVertex), inputs.get(0));
    }
    if (vertex instanceof MergeVertex) {
      return add(new Concat(name, inputs, inputs.stream().mapToInt(v -> channels.get(v)).sum()));
    }
    if (vertex instanceof ElementWiseVertex sum && sum.getOp() == ElementWiseVertex.Op.Add) {
      return add(new Sum(name, inputs, channels.get(inputs.get(0)), Activation.IDENTITY));
    }
    throw unsupported(name, vertex.getClass().getSimpleName());
  }

  private static IllegalArgumentException unsupported(String name, String type) {
    return new IllegalArgumentException(
        "layer '" + name + "' of type " + type + " cannot be compiled; supported: " + SUPPORTED);
  }

  private int lower(String name, Layer layer, int input) {
    if (layer instanceof SeparableConvolution2D separable) {
      return separable(name, separable, input);
    }
    if (layer instanceof DepthwiseConvolution2D depthwise) {
      INDArray w = parameter(name, "W");
      int out = (int) (w.size(2) * w.size(3));
      return activated(
          name,
          new Conv(
              name,
              input,
              -1,
              out,
              channels.get(input),
              window(depthwise),
              depthwiseWeights(name, w, depthwise.hasBias()),
              Activation.IDENTITY),
          depthwise.getActivationFn());
    }
    if (layer instanceof Deconvolution2D) {
      throw unsupported(name, "Deconvolution2D");
    }
    if (layer.getClass() == ConvolutionLayer.class || layer.getClass() == Convolution2D.class) {
      ConvolutionLayer conv = (ConvolutionLayer) layer;
      return activated(
          name,
          new Conv(
              name,
              input,
              -1,
              (int) conv.getNOut(),
              1,
              window(conv),
              plainWeights(name, "W", conv.hasBias()),
              Activation.IDENTITY),
          conv.getActivationFn());
    }
    if (layer instanceof BatchNormalization norm) {
      int c = channels.get(input);
      // DL4J never applies the activation of a BatchNormalization, so neither do we.
      return add(
          new Conv(
              name,
              input,
              -1,
              c,
              c,
              Window.POINT,
              normalization(name, norm, c),
              Activation.IDENTITY));
    }
    if (layer instanceof ActivationLayer activation) {
      return add(
          new Elementwise(
              name, input, channels.get(input), activation(name, activation.getActivationFn())));
    }
    if (layer instanceof SubsamplingLayer pool) {
      int[] dilation = pool.getDilation();
      if (dilation[0] != 1 || dilation[1] != 1) {
        throw unsupported(name, "pooling of dilation " + dilation[0] + "x" + dilation[1]);
      }
      return add(
          new Pool(
              name,
              input,
              channels.get(input),
              window(
                  pool.getKernelSize(),
                  pool.getStride(),
                  pool.getDilation(),
                  pool.getPadding(),
                  pool.getConvolutionMode()),
              poolKind(
                  name,
                  PoolingType.valueOf(pool.getPoolingType().name()),
                  pool.isAvgPoolIncludePadInDivisor()),
              false));
    }
    if (layer instanceof GlobalPoolingLayer pool) {
      return add(
          new Pool(
              name,
              input,
              channels.get(input),
              Window.POINT,
              poolKind(name, pool.getPoolingType(), false),
              true));
    }
    if (layer instanceof ZeroPaddingLayer pad) {
      int[] p = pad.getPadding();
      return add(new ZeroPad(name, input, channels.get(input), p[0], p[1], p[2], p[3]));
    }
    if (layer instanceof DropoutLayer) {
      return input;
    }
    throw unsupported(name, layer.getClass().getSimpleName());
  }

  private int activated(String name, Conv conv, IActivation function) {
    Activation activation = activation(name, function);
    int value = add(conv);
    return activation.isIdentity()
        ? value
        : add(new Elementwise(name, value, conv.channels(), activation));
  }

  private int separable(String name, SeparableConvolution2D layer, int input) {
    INDArray w = parameter(name, "W");
    int c = channels.get(input);
    int multiplier = (int) w.size(0);
    Weights depth =
        weights(() -> Weights.read(w.permute(1, 0, 2, 3)), () -> new float[c * multiplier]);
    int value =
        add(
            new Conv(
                name + ".depthwise",
                input,
                -1,
                c * multiplier,
                c,
                window(layer),
                depth,
                Activation.IDENTITY));
    return activated(
        name,
        new Conv(
            name,
            value,
            -1,
            (int) layer.getNOut(),
            1,
            Window.POINT,
            plainWeights(name, "pW", layer.hasBias()),
            Activation.IDENTITY),
        layer.getActivationFn());
  }

  private INDArray parameter(String layer, String name) {
    return graph.getLayer(layer).getParam(name);
  }

  private Weights plainWeights(String layer, String kernel, boolean hasBias) {
    INDArray w = parameter(layer, kernel);
    return weights(() -> Weights.read(w), bias(layer, hasBias, (int) w.size(0)));
  }

  /** DL4J keeps depthwise kernels as [kH, kW, I, multiplier]. */
  private Weights depthwiseWeights(String layer, INDArray w, boolean hasBias) {
    return weights(
        () -> Weights.read(w.permute(2, 3, 0, 1)),
        bias(layer, hasBias, (int) (w.size(2) * w.size(3))));
  }

  private Supplier<float[]> bias(String layer, boolean hasBias, int length) {
    if (!hasBias) {
      return () -> new float[length];
    }
    INDArray b = parameter(layer, "b");
    return () -> Weights.read(b);
  }

  private static Weights weights(Supplier<float[]> kernel, Supplier<float[]> bias) {
    return new Weights() {
      @Override
      public float[] kernel() {
        return kernel.get();
      }

      @Override
      public float[] bias() {
        return bias.get();
      }
    };
  }

  /** gamma (x - mean) / sqrt(var + eps) + beta as a factor and a shift for each channel. */
  private Weights normalization(String name, BatchNormalization norm, int c) {
    float[] mean = Weights.read(parameter(name, "mean"));
    float[] variance =
        norm.isUseLogStd()
            ? squareOfPowerOfTen(Weights.read(parameter(name, "log10stdev")))
            : Weights.read(parameter(name, "var"));
    float[] gamma =
        norm.isLockGammaBeta()
            ? constant(c, norm.getGamma())
            : Weights.read(parameter(name, "gamma"));
    float[] beta =
        norm.isLockGammaBeta()
            ? constant(c, norm.getBeta())
            : Weights.read(parameter(name, "beta"));
    float[] factor = new float[c];
    float[] shift = new float[c];
    for (int i = 0; i < c; i++) {
      double f = gamma[i] / Math.sqrt(variance[i] + norm.getEps());
      factor[i] = (float) f;
      shift[i] = (float) (beta[i] - mean[i] * f);
    }
    return weights(factor::clone, shift::clone);
  }

  private static float[] squareOfPowerOfTen(float[] log) {
    for (int i = 0; i < log.length; i++) {
      log[i] = (float) Math.pow(10, 2 * log[i]);
    }
    return log;
  }

  private static float[] constant(int n, double value) {
    float[] out = new float[n];
    Arrays.fill(out, (float) value);
    return out;
  }

  private static Window window(ConvolutionLayer conv) {
    return window(
        conv.getKernelSize(),
        conv.getStride(),
        conv.getDilation(),
        conv.getPadding(),
        conv.getConvolutionMode());
  }

  private static Window window(
      int[] kernel, int[] stride, int[] dilation, int[] padding, ConvolutionMode mode) {
    boolean same = mode == ConvolutionMode.Same;
    int h = same ? 0 : padding[0];
    int w = same ? 0 : padding[1];
    return new Window(
        kernel[0], kernel[1], stride[0], stride[1], dilation[0], dilation[1], same, h, h, w, w);
  }

  private static PoolKind poolKind(String name, PoolingType type, boolean includePadding) {
    return switch (type) {
      case MAX -> PoolKind.MAX;
      case AVG ->
          includePadding ? PoolKind.MEAN_INCLUDING_PADDING : PoolKind.MEAN_EXCLUDING_PADDING;
      default -> throw unsupported(name, "pooling " + type);
    };
  }

  private static Activation activation(String name, IActivation function) {
    if (function instanceof ActivationIdentity) {
      return Activation.IDENTITY;
    }
    if (function instanceof ActivationReLU relu) {
      float slope = Optional.ofNullable(relu.getNegativeSlope()).orElse(0.0).floatValue();
      double threshold = Optional.ofNullable(relu.getThreshold()).orElse(0.0);
      if (threshold == 0 && relu.getMax() == null) {
        return new Activation(Activation.Kind.RELU, slope, 0);
      }
      if (threshold == 0 && slope == 0) {
        return new Activation(Activation.Kind.CLIP, 0, relu.getMax().floatValue());
      }
      throw unsupported(name, "relu with threshold " + threshold + ", slope " + slope);
    }
    if (function instanceof ActivationReLU6) {
      return new Activation(Activation.Kind.CLIP, 0, 6);
    }
    if (function instanceof ActivationLReLU leaky) {
      return new Activation(Activation.Kind.RELU, (float) leaky.getAlpha(), 0);
    }
    if (function instanceof ActivationELU elu) {
      return new Activation(Activation.Kind.ELU, (float) elu.getAlpha(), 0);
    }
    if (function instanceof ActivationSigmoid) {
      return new Activation(Activation.Kind.SIGMOID, 0, 0);
    }
    if (function instanceof ActivationTanH) {
      return new Activation(Activation.Kind.TANH, 0, 0);
    }
    if (function instanceof ActivationSwish) {
      return new Activation(Activation.Kind.SWISH, 1, 0);
    }
    throw unsupported(name, "activation " + function);
  }
}
