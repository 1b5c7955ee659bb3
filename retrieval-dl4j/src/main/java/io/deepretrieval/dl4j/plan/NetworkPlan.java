// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as a list of steps over numbered values, independent of the image size. Value 0 is the
 * input; step i makes value i + 1. All values are four-dimensional, channels-last in memory.
 *
 * @param inputChannels channels of value 0
 * @param steps in an order in which each reads only values made before
 */
public record NetworkPlan(int inputChannels, List<Step> steps) {
  public NetworkPlan {
    steps = List.copyOf(steps);
  }

  /** A step: the values it reads and the channels of the value it makes. */
  public sealed interface Step {
    /** Name of the layer, for messages. */
    String name();

    /** Values it reads. */
    List<Integer> inputs();

    /** Channels of the value it makes. */
    int channels();
  }

  /**
   * y = activation(x * W + b [+ residual]).
   *
   * @param residual value that is added before the activation; -1 for none
   */
  public record Conv(
      String name,
      int input,
      int residual,
      int channels,
      int groups,
      Window window,
      Weights weights,
      Activation activation)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return residual < 0 ? List.of(input) : List.of(input, residual);
    }
  }

  /** Maximum or mean over a window; a mean leaves padding out of its divisor if so told. */
  public record Pool(
      String name, int input, int channels, Window window, PoolKind kind, boolean global)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  public enum PoolKind {
    MAX,
    MEAN_EXCLUDING_PADDING,
    MEAN_INCLUDING_PADDING
  }

  /** activation(Σ inputs). */
  public record Sum(String name, List<Integer> inputs, int channels, Activation activation)
      implements Step {}

  /** Channels one behind the other. */
  public record Concat(String name, List<Integer> inputs, int channels) implements Step {}

  /** An elementwise function that could not be fused. */
  public record Elementwise(String name, int input, int channels, Activation activation)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /** Zeros around. */
  public record ZeroPad(
      String name, int input, int channels, int top, int bottom, int left, int right)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Weights of a convolution, read from the graph when a program is made, with a factor for each
   * output channel and a bias: what folding of normalization leaves.
   */
  public interface Weights {
    /** Values {@code [O, I/groups, kH, kW]} times the factor of their output channel. */
    float[] kernel();

    /** Bias {@code [O]}. */
    float[] bias();

    /** These weights followed by y·factor + shift for each output channel. */
    default Weights then(float[] factor, float[] shift) {
      Weights before = this;
      return new Weights() {
        @Override
        public float[] kernel() {
          float[] kernel = before.kernel();
          int each = kernel.length / factor.length;
          for (int i = 0; i < kernel.length; i++) {
            kernel[i] *= factor[i / each];
          }
          return kernel;
        }

        @Override
        public float[] bias() {
          float[] bias = before.bias();
          for (int i = 0; i < bias.length; i++) {
            bias[i] = bias[i] * factor[i] + shift[i];
          }
          return bias;
        }
      };
    }

    /** Reads an array in its logical, row-major order. */
    static float[] read(INDArray array) {
      return array.dup('c').data().asFloat();
    }
  }
}
