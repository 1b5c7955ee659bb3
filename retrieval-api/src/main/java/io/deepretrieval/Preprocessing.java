// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;
import java.util.Map;

/**
 * How 8-bit RGB becomes the input of a network: {@code value = (byte * scale - mean[c]) / std[c]},
 * with the channels in the given order. Mean and deviation are given in the order of the network's
 * channels.
 *
 * @param order channel order of the network's input
 * @param scale factor on the byte value in [0, 255], greater than 0
 * @param mean three numbers in scaled units, copied
 * @param std three numbers in scaled units, each greater than 0, copied
 */
public record Preprocessing(ChannelOrder order, double scale, List<Double> mean, List<Double> std) {
  /** The order of the three input channels. */
  public enum ChannelOrder {
    /** Red, green, blue. */
    RGB,
    /** Blue, green, red, as networks trained with Caffe or OpenCV expect. */
    BGR
  }

  /** RGB in [0, 1] less the ImageNet mean, over its deviation: torchvision and its descendants. */
  public static final Preprocessing TORCH =
      new Preprocessing(
          ChannelOrder.RGB, 1 / 255.0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  /** RGB scaled to [-1, 1]: MobileNet and Inception of Keras. */
  public static final Preprocessing MINUS_ONE_TO_ONE =
      new Preprocessing(
          ChannelOrder.RGB, 1 / 127.5, List.of(1.0, 1.0, 1.0), List.of(1.0, 1.0, 1.0));

  /** RGB in [0, 1]. */
  public static final Preprocessing UNIT =
      new Preprocessing(
          ChannelOrder.RGB, 1 / 255.0, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

  /** BGR in [0, 255] less the ImageNet mean: ResNet and VGG of Keras and of Caffe. */
  public static final Preprocessing CAFFE =
      new Preprocessing(
          ChannelOrder.BGR, 1.0, List.of(103.939, 116.779, 123.68), List.of(1.0, 1.0, 1.0));

  private static final Map<String, Preprocessing> BY_NAME =
      Map.of("torch", TORCH, "tf", MINUS_ONE_TO_ONE, "unit", UNIT, "caffe", CAFFE);

  /**
   * Checks the numbers.
   *
   * @param order channel order of the network's input
   * @param scale factor on the byte value in [0, 255], greater than 0
   * @param mean three numbers in scaled units, copied
   * @param std three numbers in scaled units, each greater than 0, copied
   * @throws IllegalArgumentException if a list has not three finite numbers, or the scale or a
   *     deviation is not positive
   */
  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("preprocessing scale must be > 0 but was " + scale);
    }
    if (mean.size() != 3 || !mean.stream().allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("preprocessing mean must be 3 numbers but was " + mean);
    }
    if (std.size() != 3 || !std.stream().allMatch(s -> s > 0 && Double.isFinite(s))) {
      throw new IllegalArgumentException("preprocessing std must be 3 numbers > 0 but was " + std);
    }
  }

  /**
   * Finds one of the named rules: {@code torch}, {@code tf} ([-1, 1]), {@code unit}, {@code caffe}.
   *
   * @param name its name
   * @return the rule
   * @throws IllegalArgumentException if there is none of that name; the message lists the names
   */
  public static Preprocessing named(String name) {
    Preprocessing found = BY_NAME.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "unknown preprocessing '" + name + "'; known: caffe, tf, torch, unit");
    }
    return found;
  }

  /**
   * Returns the one-line form that stands in a recipe.
   *
   * @return for instance {@code rgb scale 0.003921569 mean 0.0,0.0,0.0 std 1.0,1.0,1.0}
   */
  public String recipe() {
    return (order == ChannelOrder.RGB ? "rgb" : "bgr")
        + " scale "
        + (float) scale
        + " mean "
        + list(mean)
        + " std "
        + list(std);
  }

  private static String list(List<Double> values) {
    return values.get(0).floatValue()
        + ","
        + values.get(1).floatValue()
        + ","
        + values.get(2).floatValue();
  }
}
