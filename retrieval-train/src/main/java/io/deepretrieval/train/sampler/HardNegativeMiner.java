// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import io.deepretrieval.train.data.SfmDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Tuples of a query, a positive and the k hardest negatives, chosen again each epoch.
 *
 * <p>Each epoch draws pairs of query and positive and a pool of images at random. The pool is
 * ranked for each query by the dot product with its embedding, largest first and the image of lower
 * number first among equals; the negatives are the first images of it that are not of the query's
 * class, at most one of each class. A pool that happens to show no more than k classes is filled up
 * with the next images drawn that are of others.
 *
 * <p>A batch is whole tuples one after the other: q, p, n1 … nk. The last has what is left. The
 * positives are not embedded: they are what the pair says, hard or not.
 *
 * <p>Cost of an epoch besides embedding {@code queries + pool} images: queries·pool·D
 * multiplications on the calling thread. Memory beside the embeddings: 8 MiB, 256·D bytes and a few
 * numbers an image. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1711.02512">F. Radenović, G. Tolias, O. Chum, Fine-tuning CNN
 *     Image Retrieval with No Human Annotation, TPAMI 2018</a>
 */
public final class HardNegativeMiner implements MinedSampler {
  /** Queries that are compared at a time: the sums of 64 fill the vector units. */
  private static final int BLOCK = 64;

  /** Best images by query and class that are kept at a time. */
  private static final int CELLS = 1 << 20;

  /** Chooses the positive of a pair. */
  @FunctionalInterface
  private interface Positives {
    int of(int pair, Random random);
  }

  private final LabeledImages images;
  private final int[] queryImages;
  private final Positives positives;
  private final String source;
  private final int queries;
  private final int pool;
  private final int negatives;
  private final int tuplesPerBatch;
  private final long seed;

  private HardNegativeMiner(Builder builder) {
    images = builder.images;
    queryImages = builder.queryImages;
    positives = builder.positives;
    source = builder.source;
    queries = builder.queries;
    pool = builder.pool;
    negatives = builder.negatives;
    tuplesPerBatch = builder.tuplesPerBatch;
    seed = builder.seed;
  }

  /**
   * Begins with images whose classes make the pairs: each image of a class of two or more may be a
   * query, once an epoch, and its positive is another image of its class, drawn with it.
   *
   * @param images what is drawn from
   * @return a builder of 2,000 queries, a pool of 20,000 images and batches of 5 tuples with 5
   *     negatives each
   * @throws IllegalArgumentException if no class has two images
   */
  public static Builder builder(LabeledImages images) {
    int[] queryImages =
        IntStream.range(0, images.size())
            .filter(image -> images.countOf(images.label(image)) > 1)
            .toArray();
    if (queryImages.length == 0) {
      throw new IllegalArgumentException(
          "a class must have at least 2 images but none of " + images.classCount() + " has");
    }
    Positives positives =
        (pair, random) -> {
          int[] own = images.imagesOf(images.label(queryImages[pair]));
          return Seeds.another(own, Arrays.binarySearch(own, queryImages[pair]), random);
        };
    return new Builder(images, queryImages, positives, "classes");
  }

  /**
   * Begins with a database that has pairs; its clusters are the classes.
   *
   * @param database what is drawn from
   * @return a builder of 2,000 queries, a pool of 20,000 images and batches of 5 tuples with 5
   *     negatives each
   */
  public static Builder builder(SfmDatabase database) {
    int[] queryImages = IntStream.range(0, database.pairCount()).map(database::query).toArray();
    return new Builder(
        database.images(),
        queryImages,
        (pair, random) -> database.positive(pair),
        String.valueOf(queryImages.length));
  }

  /** What is random in an epoch: the pairs in their order, and the pool in increasing order. */
  private static final class Draw {
    private final int[][] pairs;
    private final int[] pool;
    private final int[] wanted;

    Draw(int[][] pairs, int[] pool) {
      this.pairs = pairs;
      this.pool = pool;
      wanted =
          IntStream.concat(Arrays.stream(pairs).mapToInt(pair -> pair[0]), Arrays.stream(pool))
              .sorted()
              .distinct()
              .toArray();
    }

    int row(int image) {
      return Arrays.binarySearch(wanted, image);
    }
  }

  private Draw draw(int epoch) {
    long epochSeed = Seeds.ofEpoch(seed, epoch);
    Random random = new Random(Seeds.of(epochSeed, 0));
    int[] order = Seeds.permutation(queryImages.length, random);
    int[][] pairs = new int[Math.min(queries, order.length)][];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = new int[] {queryImages[order[i]], positives.of(order[i], random)};
    }
    return new Draw(pairs, drawPool(new Random(Seeds.of(epochSeed, 1))));
  }

  private int[] drawPool(Random random) {
    int[] order = Seeds.permutation(images.size(), random);
    boolean[] shown = new boolean[images.classCount()];
    int classes = 0;
    int count = 0;
    for (int i = 0; i < order.length && (i < pool || classes <= negatives); i++) {
      int label = images.label(order[i]);
      if (i < pool || !shown[label]) {
        order[count++] = order[i];
        classes += shown[label] ? 0 : 1;
        shown[label] = true;
      }
    }
    int[] drawn = Arrays.copyOf(order, count);
    Arrays.sort(drawn);
    return drawn;
  }

  @Override
  public int[] wanted(int epoch) {
    return draw(epoch).wanted;
  }

  /** For tests. */
  int[] pool(int epoch) {
    return draw(epoch).pool;
  }

  @Override
  public List<int[]> epoch(int epoch, float[][] embeddings) {
    Draw draw = draw(epoch);
    int dimension = check(draw.wanted, embeddings);
    Pool ranked = new Pool(draw, embeddings);
    int[][] pairs =
        Arrays.stream(draw.pairs)
            .filter(pair -> embeddings[draw.row(pair[0])].length > 0)
            .toArray(int[][]::new);
    int block = Math.max(1, Math.min(BLOCK, CELLS / Math.max(1, ranked.classCount)));
    List<int[]> tuples = new ArrayList<>();
    for (int from = 0; from < pairs.length; from += block) {
      int[][] part = Arrays.copyOfRange(pairs, from, Math.min(pairs.length, from + block));
      float[][] queryRows =
          Arrays.stream(part).map(pair -> embeddings[draw.row(pair[0])]).toArray(float[][]::new);
      ranked.mine(part, queryRows, dimension, tuples);
    }
    return TupleSampler.joined(tuples, tuplesPerBatch);
  }

  private static int check(int[] wanted, float[][] embeddings) {
    if (embeddings.length != wanted.length) {
      throw new IllegalArgumentException(
          "embeddings must be the "
              + wanted.length
              + " that are wanted but were "
              + embeddings.length);
    }
    int dimension = 0;
    for (int i = 0; i < wanted.length; i++) {
      int length = embeddings[i].length;
      if (length > 0 && dimension > 0 && length != dimension) {
        throw new IllegalArgumentException(
            "embedding of image "
                + wanted[i]
                + " must have dimension "
                + dimension
                + " as the others but has "
                + length);
      }
      dimension = Math.max(dimension, length);
      for (float value : embeddings[i]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "embedding of image " + wanted[i] + " must be finite but has " + value);
        }
      }
    }
    return dimension;
  }

  /** The images that negatives are chosen from, their classes numbered without gaps. */
  private final class Pool {
    private final int[] members;
    private final float[][] rows;
    private final int[] classes;
    private final int[] numberOf;
    private final int classCount;

    Pool(Draw draw, float[][] embeddings) {
      members =
          Arrays.stream(draw.pool)
              .filter(image -> embeddings[draw.row(image)].length > 0)
              .toArray();
      rows = new float[members.length][];
      classes = new int[members.length];
      numberOf = new int[images.classCount()];
      Arrays.fill(numberOf, -1);
      int count = 0;
      for (int i = 0; i < members.length; i++) {
        rows[i] = embeddings[draw.row(members[i])];
        int label = images.label(members[i]);
        if (numberOf[label] < 0) {
          numberOf[label] = count++;
        }
        classes[i] = numberOf[label];
      }
      classCount = count;
    }

    /** Adds a tuple for each pair of a block. */
    void mine(int[][] pairs, float[][] queryRows, int dimension, List<int[]> tuples) {
      int n = pairs.length;
      float[] columns = new float[dimension * n];
      for (int q = 0; q < n; q++) {
        for (int k = 0; k < dimension; k++) {
          columns[k * n + q] = queryRows[q][k];
        }
      }
      float[] best = new float[n * classCount];
      int[] bestMember = new int[n * classCount];
      Arrays.fill(bestMember, -1);
      float[] scores = new float[n];
      for (int i = 0; i < members.length; i++) {
        multiply(rows[i], columns, scores);
        for (int q = 0; q < n; q++) {
          int cell = q * classCount + classes[i];
          // Members come in increasing order: the first of equals stays.
          if (bestMember[cell] < 0 || scores[q] > best[cell]) {
            best[cell] = scores[q];
            bestMember[cell] = i;
          }
        }
      }
      for (int q = 0; q < n; q++) {
        tuples.add(tuple(pairs[q], q * classCount, best, bestMember));
      }
    }

    /** The first members of a ranking with one for each class are the best classes in order. */
    private int[] tuple(int[] pair, int from, float[] best, int[] bestMember) {
      int own = numberOf[images.label(pair[0])];
      int[] cells = new int[negatives];
      int count = 0;
      for (int c = 0; c < classCount; c++) {
        if (c == own) {
          continue;
        }
        int cell = from + c;
        int at = count;
        while (at > 0 && isBefore(cell, cells[at - 1], best, bestMember)) {
          at--;
        }
        if (at < negatives) {
          count = Math.min(negatives, count + 1);
          System.arraycopy(cells, at, cells, at + 1, count - 1 - at);
          cells[at] = cell;
        }
      }
      if (count < negatives) {
        throw new IllegalArgumentException(
            "embeddings of the pool must show at least "
                + negatives
                + " classes besides that of query "
                + pair[0]
                + " but show "
                + count);
      }
      int[] tuple = Arrays.copyOf(pair, 2 + negatives);
      for (int i = 0; i < negatives; i++) {
        tuple[2 + i] = members[bestMember[cells[i]]];
      }
      return tuple;
    }

    private static boolean isBefore(int a, int b, float[] best, int[] bestMember) {
      return best[a] > best[b] || (best[a] == best[b] && bestMember[a] < bestMember[b]);
    }
  }

  /**
   * Dot products of a row with columns, four numbers of the row at a time. Each sum runs over the
   * row in order, so that it does not depend on how many columns there are.
   */
  static void multiply(float[] row, float[] columns, float[] sums) {
    int n = sums.length;
    Arrays.fill(sums, 0);
    int k = 0;
    for (; k + 3 < row.length; k += 4) {
      float v0 = row[k];
      float v1 = row[k + 1];
      float v2 = row[k + 2];
      float v3 = row[k + 3];
      int c0 = k * n;
      int c1 = c0 + n;
      int c2 = c1 + n;
      int c3 = c2 + n;
      for (int q = 0; q < n; q++) {
        sums[q] =
            sums[q]
                + v0 * columns[c0 + q]
                + v1 * columns[c1 + q]
                + v2 * columns[c2 + q]
                + v3 * columns[c3 + q];
      }
    }
    for (; k < row.length; k++) {
      for (int q = 0; q < n; q++) {
        sums[q] += row[k] * columns[k * n + q];
      }
    }
  }

  /** Returns the settings in one line. */
  @Override
  public String toString() {
    return "mined pairs="
        + source
        + " queries="
        + queries
        + " pool="
        + pool
        + " negatives="
        + negatives
        + " batch="
        + tuplesPerBatch
        + " seed="
        + seed;
  }

  /** Collects the settings. For one thread. */
  public static final class Builder {
    private final LabeledImages images;
    private final int[] queryImages;
    private final Positives positives;
    private final String source;
    private int queries = 2000;
    private int pool = 20_000;
    private int negatives = 5;
    private int tuplesPerBatch = 5;
    private long seed;

    private Builder(LabeledImages images, int[] queryImages, Positives positives, String source) {
      this.images = Objects.requireNonNull(images, "images");
      this.queryImages = queryImages;
      this.positives = positives;
      this.source = source;
    }

    /**
     * Sets how many pairs are drawn each epoch; all, if there are fewer.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder queries(int count) {
      queries = atLeastOne("queries", count);
      return this;
    }

    /**
     * Sets how many images negatives are chosen from; all, if there are fewer.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder pool(int count) {
      pool = atLeastOne("pool images", count);
      return this;
    }

    /**
     * Sets how many negatives a tuple has.
     *
     * @param count k, at least 1 and less than the number of classes with images
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder negatives(int count) {
      negatives = atLeastOne("negatives a tuple", count);
      return this;
    }

    /**
     * Sets how many tuples make a batch.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder tuplesPerBatch(int count) {
      tuplesPerBatch = atLeastOne("tuples a batch", count);
      return this;
    }

    /**
     * Sets what the choice depends on, besides the epoch and the embeddings.
     *
     * @param value any number; 0 unless set
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    private static int atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " must be >= 1 but were " + value);
      }
      return value;
    }

    /**
     * Makes the miner.
     *
     * @return an immutable value
     * @throws IllegalArgumentException if there are too few classes for the negatives
     */
    public HardNegativeMiner build() {
      int classes = Seeds.classesOf(images, 1).length;
      if (negatives >= classes) {
        throw new IllegalArgumentException(
            "negatives a tuple must be in [1, "
                + (classes - 1)
                + "], as there are "
                + classes
                + " classes, but were "
                + negatives);
      }
      return new HardNegativeMiner(this);
    }
  }
}
