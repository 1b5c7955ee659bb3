// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Tuples of a query, a positive and k random negatives: every image of a class of two or more is
 * the query once an epoch, its positive is another image of its class, and the negatives are images
 * of k different other classes, each class and then each of its images being equally probable.
 * {@link HardNegativeMiner} chooses better negatives, once there is a network to choose by.
 *
 * <p>A batch is whole tuples one after the other: q, p, n1 … nk. The last has what is left.
 *
 * <p>Cost of an epoch: O(images·k). Immutable and thread-safe.
 */
public final class TupleSampler implements BatchSampler {
  private final LabeledImages images;
  private final int negatives;
  private final int tuplesPerBatch;
  private final long seed;
  private final int[] queryClasses;
  private final int[] classes;

  private TupleSampler(
      LabeledImages images,
      int negatives,
      int tuplesPerBatch,
      long seed,
      int[] queryClasses,
      int[] classes) {
    this.images = images;
    this.negatives = negatives;
    this.tuplesPerBatch = tuplesPerBatch;
    this.seed = seed;
    this.queryClasses = queryClasses;
    this.classes = classes;
  }

  /**
   * Makes a sampler.
   *
   * @param images what is drawn from
   * @param negatives k, at least 0 and less than the number of classes with images
   * @param tuplesPerBatch tuples a batch, at least 1
   * @param seed what the choice depends on
   * @return a sampler of batches of {@code tuplesPerBatch·(2+k)} images
   * @throws IllegalArgumentException if a number is out of its range, or no class has two images
   */
  public static TupleSampler of(
      LabeledImages images, int negatives, int tuplesPerBatch, long seed) {
    if (tuplesPerBatch < 1) {
      throw new IllegalArgumentException("tuples a batch must be >= 1 but were " + tuplesPerBatch);
    }
    int[] classes = Seeds.classesOf(images, 1);
    if (negatives < 0 || negatives >= classes.length) {
      throw new IllegalArgumentException(
          "negatives a tuple must be in [0, "
              + (classes.length - 1)
              + "], as there are "
              + classes.length
              + " classes, but were "
              + negatives);
    }
    int[] queryClasses = Seeds.classesOf(images, 2);
    if (queryClasses.length == 0) {
      throw new IllegalArgumentException(
          "a class must have at least 2 images but none of " + classes.length + " has");
    }
    return new TupleSampler(images, negatives, tuplesPerBatch, seed, queryClasses, classes);
  }

  @Override
  public List<int[]> epoch(int epoch) {
    Random random = new Random(Seeds.ofEpoch(seed, epoch));
    int[][] members = new int[images.classCount()][];
    for (int c : classes) {
      members[c] = images.imagesOf(c);
    }
    List<int[]> tuples = new ArrayList<>();
    for (int c : queryClasses) {
      int[] own = members[c];
      for (int i = 0; i < own.length; i++) {
        int[] tuple = new int[2 + negatives];
        tuple[0] = own[i];
        tuple[1] = Seeds.another(own, i, random);
        int[] taken = new int[1 + negatives];
        taken[0] = c;
        for (int k = 1; k <= negatives; k++) {
          taken[k] = classUnlike(taken, k, random);
          int[] others = members[taken[k]];
          tuple[1 + k] = others[random.nextInt(others.length)];
        }
        tuples.add(tuple);
      }
    }
    int[] order = Seeds.permutation(tuples.size(), random);
    return joined(Arrays.stream(order).mapToObj(tuples::get).toList(), tuplesPerBatch);
  }

  /** Draws until the class is new: for k of C classes C/(C-k) times on average. */
  private int classUnlike(int[] taken, int count, Random random) {
    while (true) {
      int c = classes[random.nextInt(classes.length)];
      boolean fresh = true;
      for (int i = 0; i < count; i++) {
        fresh &= taken[i] != c;
      }
      if (fresh) {
        return c;
      }
    }
  }

  /** Joins so many arrays of one length at a time. */
  static List<int[]> joined(List<int[]> tuples, int perBatch) {
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < tuples.size(); from += perBatch) {
      List<int[]> part = tuples.subList(from, Math.min(tuples.size(), from + perBatch));
      batches.add(part.stream().flatMapToInt(Arrays::stream).toArray());
    }
    return batches;
  }

  @Override
  public String toString() {
    return "tuples negatives=" + negatives + " batch=" + tuplesPerBatch + " seed=" + seed;
  }
}
