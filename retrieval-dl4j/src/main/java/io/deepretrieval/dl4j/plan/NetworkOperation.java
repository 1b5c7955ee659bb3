// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import io.deepretrieval.dl4j.CompiledBackbone;
import java.util.List;
import java.util.function.Supplier;

/**
 * One operation of a {@link CompiledBackbone}. It reads numbered values and makes one, all of shape
 * {@code [N,C,H,W]}.
 */
public sealed interface NetworkOperation {
  /**
   * Returns the name of the layer it comes from; of what was fused into a layer, the layer's name
   * with {@code .add} or the function behind it.
   *
   * @return a name, which another operation of the same layer may have too
   */
  String name();

  /**
   * Returns the values it reads.
   *
   * @return at least one number
   */
  List<Integer> inputs();

  /**
   * Returns the channels of the value it makes.
   *
   * @return C, at least 1
   */
  int channels();

  /**
   * y = x * W + b.
   *
   * @param name of the layer
   * @param input value x
   * @param inputChannels channels I of x
   * @param channels channels O of y
   * @param groups G: output channel o reads the input channels of group o / (O/G)
   * @param window how the kernel moves
   * @param kernel W, {@code [O, I/G, kH, kW]} row-major; each call makes an array of its own
   * @param bias b, {@code [O]}; each call makes an array of its own
   */
  record Convolution(
      String name,
      int input,
      int inputChannels,
      int channels,
      int groups,
      Window window,
      Supplier<float[]> kernel,
      Supplier<float[]> bias)
      implements NetworkOperation {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Maximum or mean over a window. Padding is never the maximum.
   *
   * @param name of the layer
   * @param input value it reads
   * @param channels of both values
   * @param kind what is taken of a window
   * @param global true if the window is the whole map, whatever its size; {@code window} then says
   *     nothing
   * @param window how the window moves
   */
  record Pooling(
      String name, int input, int channels, PoolingKind kind, boolean global, Window window)
      implements NetworkOperation {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /** What a pooling takes of a window. */
  enum PoolingKind {
    /** The greatest value. */
    MAX,
    /** The sum divided by the cells that are in the map. */
    MEAN_EXCLUDING_PADDING,
    /** The sum divided by the cells of the window, padding among them. */
    MEAN_INCLUDING_PADDING
  }

  /**
   * The sum of values of one shape.
   *
   * @param name of the layer
   * @param inputs one or more values, one of them perhaps twice
   * @param channels of each
   */
  record Sum(String name, List<Integer> inputs, int channels) implements NetworkOperation {
    /**
     * Copies the list.
     *
     * @param name of the layer
     * @param inputs one or more values, one of them perhaps twice (copied)
     * @param channels of each
     */
    public Sum {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * Channels one behind the other.
   *
   * @param name of the layer
   * @param inputs one or more values of one height and width
   * @param channels their channels together
   */
  record Concat(String name, List<Integer> inputs, int channels) implements NetworkOperation {
    /**
     * Copies the list.
     *
     * @param name of the layer
     * @param inputs one or more values of one height and width (copied)
     * @param channels their channels together
     */
    public Concat {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * An elementwise function.
   *
   * @param name of the layer
   * @param input value it reads
   * @param channels of both values
   * @param activation the function
   */
  record Elementwise(String name, int input, int channels, Activation activation)
      implements NetworkOperation {
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
  record ZeroPadding(String name, int input, int channels, int top, int bottom, int left, int right)
      implements NetworkOperation {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }
}
