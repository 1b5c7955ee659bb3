// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * M images of each of N classes a batch, one class after the other: rows 0 to M-1 show one class,
 * rows M to 2M-1 another. With M = 2 these are the pairs of the n-pair loss.
 *
 * <p>In an epoch, each class gives ⌊images/M⌋ groups of M different images in random order; what
 * does not fill a group sits out that epoch. A class with fewer than M images gives one group in
 * which they repeat; with M &gt; 1, a class of one image gives none, for an image is no positive of
 * itself. Batches draw classes without repetition with a probability proportional to the groups
 * they still have, so that large classes are used up about as fast as small ones; an epoch ends
 * when fewer than N classes have a group.
 *
 * <p>Cost of an epoch: O(images + groups·log C). Immutable and thread-safe.
 */
public final class MPerClassSampler implements BatchSampler {
  private final LabeledImages images;
  private final int classesPerBatch;
  private final int perClass;
  private final long seed;
  private final int[] classes;

  private MPerClassSampler(
      LabeledImages images, int classesPerBatch, int perClass, long seed, int[] classes) {
    this.images = images;
    this.classesPerBatch = classesPerBatch;
    this.perClass = perClass;
    this.seed = seed;
    this.classes = classes;
  }

  /**
   * Makes a sampler of pairs, as the n-pair loss needs them.
   *
   * @param images what is drawn from
   * @param classesPerBatch N, at least 1
   * @param seed what the choice depends on
   * @return a sampler of batches of 2N images
   * @throws IllegalArgumentException if N is less than 1 or more than the classes of two images
   */
  public static MPerClassSampler pairs(LabeledImages images, int classesPerBatch, long seed) {
    return of(images, classesPerBatch, 2, seed);
  }

  /**
   * Makes a sampler.
   *
   * @param images what is drawn from
   * @param classesPerBatch N, at least 1
   * @param perClass M, at least 1
   * @param seed what the choice depends on
   * @return a sampler of batches of N·M images
   * @throws IllegalArgumentException if a number is less than 1, or N more than the classes that
   *     can give a group
   */
  public static MPerClassSampler of(
      LabeledImages images, int classesPerBatch, int perClass, long seed) {
    if (classesPerBatch < 1 || perClass < 1) {
      throw new IllegalArgumentException(
          "classes a batch and images a class must be >= 1 but were "
              + classesPerBatch
              + " and "
              + perClass);
    }
    int least = Math.min(2, perClass);
    int[] classes = Seeds.classesOf(images, least);
    if (classes.length < classesPerBatch) {
      throw new IllegalArgumentException(
          "classes a batch must be at most the classes of "
              + least
              + " images or more, "
              + classes.length
              + ", but were "
              + classesPerBatch);
    }
    return new MPerClassSampler(images, classesPerBatch, perClass, seed, classes);
  }

  /**
   * Returns how many classes have too few images to take part.
   *
   * @return at least 0
   */
  public int classesLeftOut() {
    return images.classCount() - classes.length;
  }

  @Override
  public List<int[]> epoch(int epoch) {
    Random random = new Random(Seeds.ofEpoch(seed, epoch));
    int[][] members = new int[classes.length][];
    int[] groups = new int[classes.length];
    int left = classes.length;
    Tickets tickets = new Tickets(classes.length);
    for (int c = 0; c < classes.length; c++) {
      members[c] = images.imagesOf(classes[c]);
      Seeds.shuffle(members[c], random);
      groups[c] = Math.max(1, members[c].length / perClass);
      tickets.set(c, groups[c]);
    }
    List<int[]> batches = new ArrayList<>();
    int[] chosen = new int[classesPerBatch];
    while (left >= classesPerBatch) {
      int[] batch = new int[classesPerBatch * perClass];
      for (int i = 0; i < classesPerBatch; i++) {
        int c = tickets.draw(random);
        chosen[i] = c;
        tickets.set(c, 0);
        int from = --groups[c] * perClass;
        for (int k = 0; k < perClass; k++) {
          batch[i * perClass + k] = members[c][(from + k) % members[c].length];
        }
      }
      for (int c : chosen) {
        tickets.set(c, groups[c]);
        if (groups[c] == 0) {
          left--;
        }
      }
      batches.add(batch);
    }
    return batches;
  }

  @Override
  public String toString() {
    return "classes=" + classesPerBatch + " images=" + perClass + " seed=" + seed;
  }

  /** Draws numbers with a probability proportional to their weight, by a Fenwick tree. */
  static final class Tickets {
    private final long[] tree;
    private final int[] weights;

    Tickets(int n) {
      tree = new long[n + 1];
      weights = new int[n];
    }

    void set(int i, int weight) {
      long change = (long) weight - weights[i];
      weights[i] = weight;
      for (int at = i + 1; at < tree.length; at += at & -at) {
        tree[at] += change;
      }
    }

    private long total() {
      long sum = 0;
      for (int at = tree.length - 1; at > 0; at -= at & -at) {
        sum += tree[at];
      }
      return sum;
    }

    int draw(Random random) {
      long ticket = random.nextLong(total());
      int at = 0;
      for (int step = Integer.highestOneBit(weights.length); step > 0; step >>= 1) {
        int next = at + step;
        if (next < tree.length && tree[next] <= ticket) {
          ticket -= tree[next];
          at = next;
        }
      }
      return at;
    }

    @Override
    public String toString() {
      return Arrays.toString(weights);
    }
  }
}
