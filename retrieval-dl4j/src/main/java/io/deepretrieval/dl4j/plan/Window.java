// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

/**
 * A sliding window over rows and columns: kernel, stride, dilation and padding of a convolution or
 * pooling.
 *
 * @param kernelH rows of the kernel
 * @param kernelW columns of the kernel
 * @param strideH rows a step
 * @param strideW columns a step
 * @param dilationH rows between kernel rows, 1 for a dense kernel
 * @param dilationW columns between kernel columns, 1 for a dense kernel
 * @param same true if the padding makes the output ceil(input / stride), more of it at the end; the
 *     four numbers below are then 0
 * @param top rows of padding above
 * @param bottom rows of padding below
 * @param left columns of padding before
 * @param right columns of padding behind
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    boolean same,
    int top,
    int bottom,
    int left,
    int right) {
  /**
   * Most pixels of a window or padding of a file: more than any network of images has, and far from
   * an overflow.
   */
  public static final int MOST_PIXELS = 1 << 10;

  /** A window of one cell that visits every cell. */
  public static final Window POINT = new Window(1, 1, 1, 1, 1, 1, false, 0, 0, 0, 0);

  /** Adds explicit padding around; only for a window without SAME padding. */
  Window padded(int moreTop, int moreBottom, int moreLeft, int moreRight) {
    return new Window(
        kernelH,
        kernelW,
        strideH,
        strideW,
        dilationH,
        dilationW,
        false,
        top + moreTop,
        bottom + moreBottom,
        left + moreLeft,
        right + moreRight);
  }

  /**
   * Places the window over the rows of an input.
   *
   * @param input rows of the map, at least 1
   * @return rows of the output and of the padding above and below
   */
  public Placement rows(int input) {
    return place(input, kernelH, strideH, dilationH, top, bottom);
  }

  /**
   * Places the window over the columns of an input.
   *
   * @param input columns of the map, at least 1
   * @return columns of the output and of the padding to the left and right
   */
  public Placement columns(int input) {
    return place(input, kernelW, strideW, dilationW, left, right);
  }

  private Placement place(int input, int kernel, int stride, int dilation, int before, int behind) {
    int extent = (kernel - 1) * dilation + 1;
    if (same) {
      int output = (input + stride - 1) / stride;
      int total = Math.max(0, (output - 1) * stride + extent - input);
      return new Placement(output, total / 2, total - total / 2);
    }
    int span = input + before + behind - extent;
    return new Placement(span < 0 ? 0 : span / stride + 1, before, behind);
  }

  /**
   * One dimension of a placed window.
   *
   * @param output positions, 0 if the input is too small
   * @param before padding before
   * @param behind padding behind
   */
  public record Placement(int output, int before, int behind) {}
}
