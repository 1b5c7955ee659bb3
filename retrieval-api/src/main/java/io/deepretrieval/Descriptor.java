// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * The vector of one image, {@code [D]} float32, and the {@link Recipe} that made it.
 *
 * <p>All values are finite. Immutable and thread-safe.
 */
public final class Descriptor {
  private final float[] values;
  private final Recipe recipe;

  private Descriptor(float[] values, Recipe recipe) {
    this.values = values;
    this.recipe = recipe;
  }

  /**
   * Makes a descriptor of unknown origin.
   *
   * @param values {@code [D]} numbers, D at least 1 (copied)
   * @return a descriptor with {@link Recipe#NONE}
   * @throws IllegalArgumentException if there is no value or one is not finite
   */
  public static Descriptor copyOf(float... values) {
    return copyOf(values, Recipe.NONE);
  }

  /**
   * Makes a descriptor.
   *
   * @param values {@code [D]} numbers, D at least 1 (copied)
   * @param recipe how they were made
   * @return the descriptor
   * @throws IllegalArgumentException if there is no value or one is not finite
   */
  public static Descriptor copyOf(float[] values, Recipe recipe) {
    Objects.requireNonNull(recipe, "recipe");
    if (values.length == 0) {
      throw new IllegalArgumentException("descriptor dimension must be at least 1 but was 0");
    }
    float[] copy = values.clone();
    for (int i = 0; i < copy.length; i++) {
      if (!Float.isFinite(copy[i])) {
        throw new IllegalArgumentException(
            "descriptor must be finite but value " + i + " was " + copy[i]);
      }
    }
    return new Descriptor(copy, recipe);
  }

  /**
   * Returns D.
   *
   * @return at least 1
   */
  public int dimension() {
    return values.length;
  }

  /**
   * Reads one value.
   *
   * @param i index in [0, D)
   * @return the value
   * @throws IndexOutOfBoundsException if there is no such value
   */
  public float at(int i) {
    Objects.checkIndex(i, values.length);
    return values[i];
  }

  /**
   * Copies all values.
   *
   * @param target (modified) receives D floats
   * @param offset where the first goes
   * @throws IndexOutOfBoundsException if the target is too short
   */
  public void copyTo(float[] target, int offset) {
    Objects.checkFromIndexSize(offset, values.length, target.length);
    System.arraycopy(values, 0, target, offset, values.length);
  }

  /**
   * Returns the values.
   *
   * @return a new array {@code [D]}
   */
  public float[] toArray() {
    return values.clone();
  }

  /**
   * Returns how the descriptor was made.
   *
   * @return {@link Recipe#NONE} if unknown
   */
  public Recipe recipe() {
    return recipe;
  }

  /**
   * Returns the same vector under another recipe, for vectors that come from a file that names it.
   *
   * @param other the recipe
   * @return a descriptor over the same values
   */
  public Descriptor withRecipe(Recipe other) {
    return new Descriptor(values, Objects.requireNonNull(other, "recipe"));
  }

  /**
   * Returns the inner product, accumulated in double.
   *
   * @param other a descriptor of the same dimension
   * @return Σ a_i b_i
   * @throws IllegalArgumentException if the dimensions differ
   */
  public double dot(Descriptor other) {
    if (other.values.length != values.length) {
      throw new IllegalArgumentException(
          "descriptor dimension must be " + values.length + " but was " + other.values.length);
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (double) values[i] * other.values[i];
    }
    return sum;
  }

  /**
   * Returns the Euclidean length, accumulated in double.
   *
   * @return √(Σ a_i²), at least 0
   */
  public double norm() {
    return Math.sqrt(dot(this));
  }

  /**
   * Returns the descriptor scaled to length 1: v / ‖v‖. The zero vector stays the zero vector,
   * because it has no direction; {@link DescriptorExtractor} refuses it.
   *
   * @return a descriptor of the same recipe
   */
  public Descriptor normalized() {
    double norm = norm();
    if (norm == 0) {
      return this;
    }
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (values[i] / norm);
    }
    return new Descriptor(out, recipe);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Descriptor that
        && Arrays.equals(values, that.values)
        && recipe.equals(that.recipe);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + recipe.hashCode();
  }

  @Override
  public String toString() {
    return "Descriptor[" + values.length + "]";
  }
}
