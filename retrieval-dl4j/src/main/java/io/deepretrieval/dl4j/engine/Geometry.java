// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.Window;

/** The sizes in which oneDNN takes a window on an input of one size. */
final class Geometry {
  private final long[] strides;
  private final long[] dilations;
  private final long[] kernel;
  private final long[] padBefore;
  private final long[] padAfter;

  private Geometry(Window window, int[] in) {
    Window.Placement rows = window.rows(in[1]);
    Window.Placement columns = window.columns(in[2]);
    strides = new long[] {window.strideH(), window.strideW()};
    dilations = new long[] {window.dilationH() - 1, window.dilationW() - 1};
    kernel = new long[] {window.kernelH(), window.kernelW()};
    padBefore = new long[] {rows.before(), columns.before()};
    padAfter =
        new long[] {
          after(rows, in[1], window.kernelH(), window.strideH(), window.dilationH()),
          after(columns, in[2], window.kernelW(), window.strideW(), window.dilationW())
        };
  }

  /** The geometry of a window; the input is C, H, W. */
  static Geometry of(Window window, int[] in) {
    return new Geometry(window, in);
  }

  /** The geometry of a pooling; the input is C, H, W. */
  static Geometry of(Pool pool, int[] in) {
    return new Geometry(
        pool.global() ? new Window(in[1], in[2], 1, 1, 1, 1, false, 0, 0, 0, 0) : pool.window(),
        in);
  }

  /** oneDNN wants the padding that makes the output size exact; unread rows make it negative. */
  private static long after(
      Window.Placement place, int input, int kernel, int stride, int dilation) {
    return (place.output() - 1L) * stride + (kernel - 1L) * dilation + 1 - input - place.before();
  }

  long[] strides() {
    return strides;
  }

  long[] dilations() {
    return dilations;
  }

  long[] kernel() {
    return kernel;
  }

  long[] padBefore() {
    return padBefore;
  }

  long[] padAfter() {
    return padAfter;
  }
}
