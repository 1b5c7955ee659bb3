// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.deepretrieval.Descriptor;
import io.deepretrieval.Transform;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * A linear layer behind the pooling, y = W·x + b with W of {@code [d,D]}: 2048 to 1024 dimensions,
 * for instance. {@link #of} takes a whitening as W = P, b = -P·m.
 *
 * <p>It gets L2-normalized descriptors, and what it gives is normalized by the code that applies
 * it, as with every {@link Transform}. Cost: d·D multiply-adds. Immutable and thread-safe.
 */
public final class ProjectionHead implements Transform {
  private final int inputs;
  private final int outputs;
  private final float[] weight;
  private final float[] bias;

  private ProjectionHead(int inputs, int outputs, float[] weight, float[] bias) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.weight = weight;
    this.bias = bias;
  }

  /**
   * Makes a layer.
   *
   * @param weight {@code [d,D]} row-major, finite (copied)
   * @param bias {@code [d]}, finite (copied)
   * @return the layer
   * @throws IllegalArgumentException if there is no bias, the lengths do not fit or a value is not
   *     finite
   */
  public static ProjectionHead of(float[] weight, float[] bias) {
    if (bias.length == 0 || weight.length == 0 || weight.length % bias.length != 0) {
      throw new IllegalArgumentException(
          "projection must have a weight [d,D] and a bias [d] but had "
              + weight.length
              + " and "
              + bias.length
              + " values");
    }
    requireFinite("weight", weight);
    requireFinite("bias", bias);
    return new ProjectionHead(
        weight.length / bias.length, bias.length, weight.clone(), bias.clone());
  }

  private static void requireFinite(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "projection " + name + " must be finite but value " + i + " was " + values[i]);
      }
    }
  }

  /**
   * Draws a layer: weights uniform in ±1/√D, as PyTorch's Linear begins, and no bias.
   *
   * @param inputDimension D, at least 1
   * @param outputDimension d, at least 1
   * @param seed of the weights
   * @return the layer
   * @throws IllegalArgumentException if a size is less than 1
   */
  public static ProjectionHead random(int inputDimension, int outputDimension, long seed) {
    if (inputDimension < 1 || outputDimension < 1) {
      throw new IllegalArgumentException(
          "projection dimensions must be at least 1 but were "
              + inputDimension
              + " to "
              + outputDimension);
    }
    Random random = new Random(seed);
    float[] weight = new float[inputDimension * outputDimension];
    float bound = (float) (1 / Math.sqrt(inputDimension));
    for (int i = 0; i < weight.length; i++) {
      weight[i] = bound * (2 * random.nextFloat() - 1);
    }
    return new ProjectionHead(inputDimension, outputDimension, weight, new float[outputDimension]);
  }

  /**
   * Makes all outputs longer or shorter. Losses over normalized embeddings do not notice; n-pair,
   * which takes a softmax over inner products, does: a whitening to d dimensions gives vectors of
   * length √d on average, whose products leave it nothing to learn.
   *
   * @param factor positive and finite
   * @return factor·W and factor·b
   * @throws IllegalArgumentException if the factor is not positive and finite
   */
  public ProjectionHead scaledBy(double factor) {
    if (!(factor > 0 && factor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("factor must be positive but was " + factor);
    }
    return of(times(weight, (float) factor), times(bias, (float) factor));
  }

  private static float[] times(float[] values, float factor) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = factor * values[i];
    }
    return out;
  }

  @Override
  public int inputDimension() {
    return inputs;
  }

  @Override
  public int outputDimension() {
    return outputs;
  }

  /**
   * Returns W.
   *
   * @return a new array {@code [d,D]}
   */
  public float[] weight() {
    return weight.clone();
  }

  /**
   * Returns b.
   *
   * @return a new array {@code [d]}
   */
  public float[] bias() {
    return bias.clone();
  }

  @Override
  public String recipe() {
    ByteBuffer bytes = ByteBuffer.allocate(4 * (weight.length + bias.length));
    bytes.asFloatBuffer().put(weight).put(bias);
    HashCode hash =
        Hashing.sha256()
            .newHasher()
            .putString("projection", StandardCharsets.UTF_8)
            .putBytes(bytes)
            .hash();
    return "projection " + inputs + "->" + outputs + " sha256=" + hash.toString().substring(0, 16);
  }

  @Override
  public Descriptor apply(Descriptor descriptor) {
    if (descriptor.dimension() != inputs) {
      throw new IllegalArgumentException(
          "projection must get dimension "
              + inputs
              + " but the descriptor has "
              + descriptor.dimension());
    }
    return Descriptor.copyOf(project(weight, bias, descriptor.toArray()), descriptor.recipe());
  }

  static float[] project(float[] weight, float[] bias, float[] x) {
    float[] out = new float[bias.length];
    for (int o = 0; o < out.length; o++) {
      out[o] = dot(bias[o], weight, o * x.length, x);
    }
    return out;
  }

  /** A number, and the inner product of x with as many values of a. */
  static float dot(float start, float[] a, int from, float[] x) {
    float s0 = start;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= x.length; i += 4) {
      s0 += a[from + i] * x[i];
      s1 += a[from + i + 1] * x[i + 1];
      s2 += a[from + i + 2] * x[i + 2];
      s3 += a[from + i + 3] * x[i + 3];
    }
    for (; i < x.length; i++) {
      s0 += a[from + i] * x[i];
    }
    return s0 + s1 + (s2 + s3);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
