// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.PoolKind;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** Steps of a plan as primitives of oneDNN, each with a scratchpad that the caller gives. */
final class Primitives {
  private final engine engine;
  private final prop_kind propagation;

  /**
   * Makes primitives for one purpose.
   *
   * @param engine the CPU
   * @param propagation whether a backward pass follows
   */
  Primitives(engine engine, prop_kind propagation) {
    this.engine = engine;
    this.propagation = propagation;
  }

  /** A convolution of an input C, H, W that adds its residual and applies a function. */
  convolution_forward.primitive_desc convolution(
      Conv conv, int[] in, memory.desc source, memory.desc result, Activation applied) {
    post_ops ops = new post_ops();
    if (conv.residual() >= 0) {
      ops.append_sum();
    }
    append(ops, applied);
    primitive_attr attr = attributes();
    attr.set_post_ops(ops);
    Geometry geometry = Geometry.of(conv.window(), in);
    return new convolution_forward.primitive_desc(
        new convolution_forward.desc(
            propagation,
            algorithm.convolution_direct,
            source,
            OneDnnWeights.anyLayout(conv, in[0]),
            OneDnnWeights.biasDesc(conv),
            result,
            geometry.strides(),
            geometry.dilations(),
            geometry.padBefore(),
            geometry.padAfter()),
        attr,
        engine,
        false);
  }

  /** A pooling of an input C, H, W. */
  pooling_forward.primitive_desc pooling(
      Pool pool, int[] in, memory.desc source, memory.desc result) {
    Geometry geometry = Geometry.of(pool, in);
    return new pooling_forward.primitive_desc(
        new pooling_forward.desc(
            propagation,
            function(pool.kind()),
            source,
            result,
            geometry.strides(),
            geometry.kernel(),
            geometry.padBefore(),
            geometry.padAfter()),
        attributes(),
        engine,
        false);
  }

  /** A function of each value, in one layout. */
  eltwise_forward.primitive_desc elementwise(Activation activation, memory.desc desc) {
    return new eltwise_forward.primitive_desc(
        new eltwise_forward.desc(
            propagation, function(activation), desc, activation.alpha(), activation.beta()),
        attributes(),
        engine,
        false);
  }

  /** A sum of two values to which a function is applied. */
  binary.primitive_desc sum(memory.desc left, memory.desc right, memory.desc result) {
    return new binary.primitive_desc(
        new binary.desc(algorithm.binary_add, left, right, result), attributes(), engine, false);
  }

  static primitive_attr attributes() {
    primitive_attr attr = new primitive_attr();
    attr.set_scratchpad_mode(scratchpad_mode.user);
    return attr;
  }

  private static void append(post_ops ops, Activation activation) {
    if (!activation.isIdentity()) {
      ops.append_eltwise(1f, function(activation), activation.alpha(), activation.beta());
    }
  }

  static algorithm function(Activation activation) {
    return switch (activation.kind()) {
      case RELU -> algorithm.eltwise_relu;
      case CLIP -> algorithm.eltwise_clip;
      case SIGMOID -> algorithm.eltwise_logistic;
      case TANH -> algorithm.eltwise_tanh;
      case ELU -> algorithm.eltwise_elu;
      case SWISH -> algorithm.eltwise_swish;
      case IDENTITY -> throw new IllegalStateException("identity must have been dropped");
    };
  }

  static algorithm function(PoolKind kind) {
    return switch (kind) {
      case MAX -> algorithm.pooling_max;
      case MEAN_EXCLUDING_PADDING -> algorithm.pooling_avg_exclude_padding;
      case MEAN_INCLUDING_PADDING -> algorithm.pooling_avg_include_padding;
    };
  }

  /** Whether the derivative follows from the result, so that the argument need not be kept. */
  static boolean derivesFromResult(Activation activation) {
    return switch (activation.kind()) {
      case RELU, ELU -> activation.alpha() >= 0;
      case CLIP, SIGMOID, TANH -> true;
      case SWISH, IDENTITY -> false;
    };
  }

  /** The function whose derivative is taken from the result. */
  static algorithm resultFunction(Activation activation) {
    return switch (activation.kind()) {
      case RELU -> algorithm.eltwise_relu_use_dst_for_bwd;
      case ELU -> algorithm.eltwise_elu_use_dst_for_bwd;
      case CLIP -> algorithm.eltwise_clip_v2_use_dst_for_bwd;
      case SIGMOID -> algorithm.eltwise_logistic_use_dst_for_bwd;
      case TANH -> algorithm.eltwise_tanh_use_dst_for_bwd;
      case SWISH, IDENTITY ->
          throw new IllegalStateException("activation must keep its argument: " + activation);
    };
  }
}
