// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import org.bytedeco.dnnl.memory;

/** The shapes of a plan's values, 0 for the input and i + 1 for step i, for one input shape. */
final class ValueShapes {
  private final int batch;
  private final int[][] shapes;

  /**
   * Follows the shapes through a plan.
   *
   * @throws IllegalArgumentException if the input is too small or too large for the network
   */
  ValueShapes(NetworkPlan plan, int batch, int height, int width) {
    this.batch = batch;
    this.shapes = shapes(plan, height, width);
  }

  private static int[][] shapes(NetworkPlan plan, int height, int width) {
    int[][] out = new int[plan.steps().size() + 1][];
    out[0] = new int[] {plan.inputChannels(), height, width};
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      int[] in = out[step.inputs().get(0)];
      int h = in[1];
      int w = in[2];
      if (step instanceof Conv conv) {
        h = conv.window().rows(in[1]).output();
        w = conv.window().columns(in[2]).output();
      } else if (step instanceof Pool pool) {
        h = pool.global() ? 1 : pool.window().rows(in[1]).output();
        w = pool.global() ? 1 : pool.window().columns(in[2]).output();
      } else if (step instanceof ZeroPad pad) {
        h += pad.top() + pad.bottom();
        w += pad.left() + pad.right();
      }
      if (h < 1 || w < 1) {
        throw new IllegalArgumentException(
            "image of "
                + width
                + "x"
                + height
                + " is too small for the network: layer '"
                + step.name()
                + "' gets "
                + in[2]
                + "x"
                + in[1]);
      }
      if ((long) step.channels() * h * w > Integer.MAX_VALUE / 4) {
        throw new IllegalArgumentException(
            "image of "
                + width
                + "x"
                + height
                + " is too large for the network: layer '"
                + step.name()
                + "' gives "
                + step.channels()
                + "x"
                + h
                + "x"
                + w);
      }
      for (int value : step.inputs()) {
        int[] other = out[value];
        // A residual lies where the output goes; other steps join maps of one size.
        boolean residual = step instanceof Conv conv && value == conv.residual();
        int[] like = residual ? new int[] {0, h, w} : in;
        if ((residual || !(step instanceof Conv)) && (other[1] != like[1] || other[2] != like[2])) {
          throw new IllegalArgumentException(
              "image of "
                  + width
                  + "x"
                  + height
                  + " does not fit the network: layer '"
                  + step.name()
                  + "' gets maps of "
                  + like[2]
                  + "x"
                  + like[1]
                  + " and "
                  + other[2]
                  + "x"
                  + other[1]);
        }
      }
      out[i + 1] = new int[] {step.channels(), h, w};
    }
    return out;
  }

  /** C, H, W of a value; not to be changed. */
  int[] of(int value) {
    return shapes[value];
  }

  int channels(int value) {
    return shapes[value][0];
  }

  /** C, H, W of the result. */
  int[] result() {
    return shapes[shapes.length - 1].clone();
  }

  /** How many numbers the result has. */
  long resultCount() {
    return count(shapes.length - 1);
  }

  /** N, C, H, W of a value. */
  long[] dims(int value) {
    return new long[] {batch, shapes[value][0], shapes[value][1], shapes[value][2]};
  }

  /** How many numbers a value has. */
  long count(int value) {
    return (long) batch * shapes[value][0] * shapes[value][1] * shapes[value][2];
  }

  /** Bytes of a value without padding. */
  long bytes(int value) {
    return Float.BYTES * count(value);
  }

  /** A value in a layout. */
  memory.desc desc(int value, memory.format_tag tag) {
    return new memory.desc(dims(value), memory.data_type.f32, tag, false);
  }

  /** How the input and the result lie in memory. */
  memory.desc channelsLast(int value) {
    return desc(value, memory.format_tag.nhwc);
  }
}
