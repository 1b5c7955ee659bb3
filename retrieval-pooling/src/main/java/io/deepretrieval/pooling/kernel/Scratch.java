// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/**
 * Work space that a thread keeps, so that pooling allocates its result and nothing else.
 *
 * <p>A slot belongs to one use; two uses that overlap in time on one thread need two slots.
 */
public final class Scratch {
  /** Partial sums of one chunk of cells, owned by {@link Kernels}. */
  public static final Scratch CHUNK = new Scratch();

  /** Logarithms of one cell, owned by {@link Kernels}. */
  public static final Scratch LOG = new Scratch();

  /** Zeros, owned by {@link Kernels}. */
  public static final Scratch NONE = new Scratch();

  /** Sums or maxima of all cells, one a channel. */
  public static final Scratch TOTAL = new Scratch();

  /** A second sum, one a channel. */
  public static final Scratch SECOND = new Scratch();

  /** Exponents, one a channel. */
  public static final Scratch EXPONENT = new Scratch();

  /** Logarithms of the channel maxima. */
  public static final Scratch SHIFT = new Scratch();

  /** Weights, one a cell. */
  public static final Scratch WEIGHT = new Scratch();

  /** Maxima of the elementary blocks of a region grid. */
  public static final Scratch BLOCK = new Scratch();

  /** Region vectors. */
  public static final Scratch REGION = new Scratch();

  /** Region vectors behind a whitening. */
  public static final Scratch WHITENED = new Scratch();

  /** Vectors less a mean. */
  public static final Scratch CENTERED = new Scratch();

  /** A descriptor that is mapped. */
  public static final Scratch VECTOR = new Scratch();

  private final ThreadLocal<float[]> arrays = ThreadLocal.withInitial(() -> new float[0]);

  private Scratch() {}

  /**
   * Returns the array of this slot and the current thread. Its content is arbitrary.
   *
   * @param size floats needed
   * @return an array of at least that length, the same until a larger one is asked for
   */
  public float[] floats(int size) {
    float[] array = arrays.get();
    if (array.length < size) {
      array = new float[size];
      arrays.set(array);
    }
    return array;
  }
}
