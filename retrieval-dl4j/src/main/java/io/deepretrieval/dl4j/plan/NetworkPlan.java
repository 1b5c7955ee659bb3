// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as a list of steps over numbered values, independent of the image size. Value 0 is the
 * input; step i makes value i + 1. All values have the shape {@code [N,C,H,W]}, channels-last in
 * memory. Immutable, and as thread-safe as its {@link Weights}.
 *
 * @param inputChannels channels of value 0
 * @param steps in an order in which each reads only values made before
 */
public record NetworkPlan(int inputChannels, List<Step> steps) {
  /**
   * Makes a plan; that its steps fit each other is not checked.
   *
   * @param inputChannels channels of value 0
   * @param steps in an order in which each reads only values made before (copied)
   */
  public NetworkPlan {
    steps = List.copyOf(steps);
  }

  /** A step: the values it reads and the channels of the value it makes. */
  public sealed interface Step {
    /**
     * Returns the name of the layer it comes from.
     *
     * @return a name for messages; that of a convolution also names its weights in a file
     */
    String name();

    /**
     * Returns the values it reads.
     *
     * @return at least one number, each less than that of the value it makes
     */
    List<Integer> inputs();

    /**
     * Returns the channels of the value it makes.
     *
     * @return C, at least 1
     */
    int channels();
  }

  /**
   * y = activation(x * W + b [+ residual]).
   *
   * @param name of the layer
   * @param input value x
   * @param residual value of the shape of y that is added before the activation; -1 for none
   * @param channels channels O of y
   * @param groups G, which divides O and the channels I of x: output channel o reads the input
   *     channels of group o / (O/G)
   * @param window how the kernel moves
   * @param weights W, {@code [O, I/G, kH, kW]}, and b, {@code [O]}
   * @param activation the function at the end
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

    /**
     * Returns the convolution of other values.
     *
     * @param x value that is convolved
     * @param added value that is added; -1 for none
     * @return a changed copy
     */
    public Conv withInputs(int x, int added) {
      return new Conv(name, x, added, channels, groups, window, weights, activation);
    }

    /**
     * Returns the convolution whose kernel moves otherwise.
     *
     * @param other how the kernel moves
     * @return a changed copy
     */
    public Conv withWindow(Window other) {
      return new Conv(name, input, residual, channels, groups, other, weights, activation);
    }

    /**
     * Returns the convolution with other weights.
     *
     * @param other W and b of the same shapes
     * @return a changed copy
     */
    public Conv withWeights(Weights other) {
      return new Conv(name, input, residual, channels, groups, window, other, activation);
    }

    /**
     * Returns the convolution with another function at its end.
     *
     * @param other the function
     * @return a changed copy
     */
    public Conv withActivation(Activation other) {
      return new Conv(name, input, residual, channels, groups, window, weights, other);
    }
  }

  /**
   * Maximum or mean over a window. Padding is never the maximum.
   *
   * @param name of the layer
   * @param input value it reads
   * @param channels of both values
   * @param window how the window moves
   * @param kind what is taken of a window
   * @param global true if the window is the whole map, whatever its size; {@code window} then says
   *     nothing
   */
  public record Pool(
      String name, int input, int channels, Window window, PoolKind kind, boolean global)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /** What a pooling takes of a window. */
  public enum PoolKind {
    /** The greatest value. */
    MAX,
    /** The sum divided by the cells that are in the map. */
    MEAN_EXCLUDING_PADDING,
    /** The sum divided by the cells of the window, padding among them. */
    MEAN_INCLUDING_PADDING
  }

  /**
   * activation(Σ inputs).
   *
   * @param name of the layer
   * @param inputs one or more values of one shape, one of them perhaps twice
   * @param channels of each
   * @param activation the function at the end
   */
  public record Sum(String name, List<Integer> inputs, int channels, Activation activation)
      implements Step {}

  /**
   * Channels one behind the other.
   *
   * @param name of the layer
   * @param inputs one or more values of one height and width
   * @param channels their channels together
   */
  public record Concat(String name, List<Integer> inputs, int channels) implements Step {}

  /**
   * An elementwise function that could not be fused.
   *
   * @param name of the layer
   * @param input value it reads
   * @param channels of both values
   * @param activation the function
   */
  public record Elementwise(String name, int input, int channels, Activation activation)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Zeros around a map.
   *
   * @param name of the layer
   * @param input value it reads
   * @param channels of both values
   * @param top rows above
   * @param bottom rows below
   * @param left columns before
   * @param right columns behind
   */
  public record ZeroPad(
      String name, int input, int channels, int top, int bottom, int left, int right)
      implements Step {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Weights of a convolution, with what folding of a normalization leaves: a factor for each output
   * channel and a bias. They are read when a program is made or a file is written, not before.
   */
  public interface Weights {
    /**
     * Reads the kernel, times the factor of each output channel.
     *
     * @return {@code [O, I/G, kH, kW]} row-major; each call makes an array of its own
     */
    float[] kernel();

    /**
     * Reads the bias.
     *
     * @return {@code [O]}; each call makes an array of its own
     */
    float[] bias();

    /**
     * Reads an array in its logical, row-major order.
     *
     * @param array in any layout (not modified)
     * @return a copy of its values
     */
    static float[] read(INDArray array) {
      return array.dup('c').data().asFloat();
    }
  }
}
