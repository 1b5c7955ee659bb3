// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.dl4j.plan.NetworkPlan;
import java.util.function.IntPredicate;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A {@link NetworkPlan} for one input shape, forward and backward: oneDNN primitives in order, with
 * the place of every value, workspace and gradient in one slab of memory. Convolutions choose their
 * layouts; where two neighbors differ, a copy in the other layout is made. Gradients flow only
 * where a trained convolution lies upstream.
 *
 * <p>An activation that can be derived from its result is computed inside the convolution, and the
 * value before it is not kept.
 *
 * <p>Not thread-safe.
 */
final class TrainingProgram implements AutoCloseable {
  private final stream stream;
  private final ValueShapes shapes;
  private final ProgramMemory space;
  private final Slab slab;
  private final PlacedTensor input;
  private final PlacedTensor output;
  private final PlacedTensor outputGradient;
  private final TrainingCalls forward;
  private final TrainingCalls backward;

  /** Both passes, made in one scope of native objects. */
  private record Passes(TrainingForward forward, TrainingBackward backward) {}

  /**
   * Makes the primitives and takes the memory.
   *
   * @param plan the network
   * @param weights its weights, shared by all programs
   * @param engine the CPU
   * @param stream to run on
   * @param trained which convolutions, by their steps, get gradients
   * @param batch N
   * @param height H of the input
   * @param width W of the input
   */
  TrainingProgram(
      NetworkPlan plan,
      TrainingWeights weights,
      engine engine,
      stream stream,
      IntPredicate trained,
      int batch,
      int height,
      int width) {
    this.stream = stream;
    this.shapes = new ValueShapes(plan, batch, height, width);
    this.space = new ProgramMemory(engine);
    Primitives primitives = new Primitives(engine, prop_kind.forward_training);
    try {
      Passes passes =
          NativeOwner.scoped(
              () -> {
                TrainingForward first =
                    new TrainingForward(plan, shapes, weights, stream, space, primitives);
                return new Passes(
                    first,
                    new TrainingBackward(
                        plan, shapes, weights, engine, stream, trained, space, primitives, first));
              });
      input = passes.forward.value(0);
      output = passes.forward.result();
      outputGradient = passes.backward.given();
      forward = passes.forward.calls();
      backward = passes.backward.calls();
      slab = space.allocateSlab();
    } catch (RuntimeException | OutOfMemoryError e) {
      space.close();
      throw e;
    }
  }

  /** Where the input, {@code [N,H,W,C]}, is to be written. */
  FloatPointer input() {
    return floats(input, shapes.count(0));
  }

  /** Where the result, {@code [N,H,W,C]}, lies after {@link #forward}. */
  FloatPointer output() {
    return floats(output, shapes.resultCount());
  }

  /** Where d loss / d result, {@code [N,H,W,C]}, is to be written. */
  FloatPointer outputGradient() {
    return floats(outputGradient, shapes.resultCount());
  }

  private FloatPointer floats(PlacedTensor tensor, long count) {
    return slab.floats(space.offset(tensor.buffer()), count);
  }

  /** C, H, W of the result. */
  int[] outputShape() {
    return shapes.result();
  }

  void forward() {
    forward.run(slab, stream);
  }

  /** Adds to the gradients of the weights. */
  void backward() {
    backward.run(slab, stream);
  }

  long bytes() {
    return space.bytes();
  }

  @Override
  public void close() {
    space.close();
    forward.clear();
    backward.clear();
  }
}
