// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Seeds that are made of several numbers, and what is drawn with them. */
public final class Seeds {
  private Seeds() {}

  /**
   * Mixes numbers into a seed: neighboring numbers give unrelated seeds. What it gives is the same
   * in every version, as a resumed training depends on it.
   *
   * @param parts any numbers; their order and how many there are matter
   * @return a seed, of which all 64 bits vary
   */
  public static long of(long... parts) {
    long seed = parts.length;
    for (long part : parts) {
      seed = mix(seed * 0x9E3779B97F4A7C15L + part);
    }
    return seed;
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, variant 13 of D. Stafford). */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * Returns the seed of one epoch, {@code of(seed, epoch)}.
   *
   * @param seed of the training
   * @param epoch number of the epoch, from 0
   * @return a seed
   * @throws IllegalArgumentException if the epoch is negative
   */
  public static long ofEpoch(long seed, int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must be >= 0 but was " + epoch);
    }
    return of(seed, epoch);
  }

  /**
   * Returns the classes that have so many images.
   *
   * @param images the data
   * @param atLeast images that a class must have
   * @return labels in ascending order; none if no class has so many
   */
  public static int[] classesOf(LabeledImages images, int atLeast) {
    return IntStream.range(0, images.classCount())
        .filter(c -> images.countOf(c) >= atLeast)
        .toArray();
  }

  /**
   * Draws one of the values, but not the one at an index, each with the same probability.
   *
   * @param values at least 2 (not modified)
   * @param but index of the value that is left out
   * @param random what is drawn from
   * @return one of the others
   * @throws IllegalArgumentException if there are fewer than 2 values
   */
  public static int another(int[] values, int but, RandomGenerator random) {
    int i = random.nextInt(values.length - 1);
    return values[i < but ? i : i + 1];
  }

  /**
   * Returns the numbers 0 to n-1 in random order.
   *
   * @param n how many, at least 0
   * @param random what is drawn from
   * @return a new array; every order has the same probability
   */
  public static int[] permutation(int n, RandomGenerator random) {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      out[i] = i;
    }
    shuffle(out, random);
    return out;
  }

  /**
   * Puts values in random order, each order with the same probability (Fisher-Yates).
   *
   * @param values the values (modified)
   * @param random what is drawn from
   */
  public static void shuffle(int[] values, RandomGenerator random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }
}
