// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.MissingFiles;
import io.deepretrieval.train.data.Pickles;
import io.deepretrieval.train.data.Sets;
import io.deepretrieval.train.data.SfmDatabase;
import io.deepretrieval.train.data.SfmDatabase.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HardNegativeMinerTest {
  @TempDir Path root;

  /** A row for each image that is wanted, from rows of all images. */
  private static float[][] rows(int[] wanted, float[][] all) {
    return Arrays.stream(wanted).mapToObj(image -> all[image]).toArray(float[][]::new);
  }

  private static List<int[]> mine(HardNegativeMiner miner, int epoch, float[][] all) {
    return miner.epoch(epoch, rows(miner.wanted(epoch), all));
  }

  private static List<int[]> tuples(List<int[]> batches, int rows) {
    List<int[]> tuples = new ArrayList<>();
    for (int[] batch : batches) {
      assertThat(batch.length % rows).isZero();
      for (int from = 0; from < batch.length; from += rows) {
        tuples.add(Arrays.copyOfRange(batch, from, from + rows));
      }
    }
    return tuples;
  }

  /** Rows of length 1 of coarse numbers, so that many products are equal. */
  private static float[][] coarse(Random random, int count, int dimension) {
    float[][] all = new float[count][dimension];
    for (float[] row : all) {
      row[random.nextInt(dimension)] = random.nextBoolean() ? 0.6f : -0.6f;
      row[random.nextInt(dimension)] = random.nextBoolean() ? 0.8f : -0.8f;
    }
    return all;
  }

  private static float[][] unit(Random random, int count, int dimension) {
    float[][] all = new float[count][dimension];
    for (float[] row : all) {
      double sum = 0;
      for (int k = 0; k < dimension; k++) {
        row[k] = (float) random.nextGaussian();
        sum += row[k] * row[k];
      }
      for (int k = 0; k < dimension; k++) {
        row[k] /= (float) Math.sqrt(sum);
      }
    }
    return all;
  }

  // ---- by hand

  @Test
  void ranksTheOtherClassesByTheirBestImage() {
    // Class 0 has images 0 and 1, class 1 has 2 and 3, class 2 has 4 and 5, class 3 has 6.
    LabeledImages set = Sets.ofSizes(2, 2, 2, 1);
    float[][] all = {
      {1, 0}, {0, 1}, {0.28f, 0.96f}, {0.96f, 0.28f}, {0.8f, 0.6f}, {0.6f, 0.8f}, {0, -1}
    };
    HardNegativeMiner miner =
        HardNegativeMiner.builder(set).queries(100).pool(100).negatives(2).build();

    assertThat(miner.wanted(0)).containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(tuples(mine(miner, 0, all), 4))
        .usingElementComparator(Arrays::compare)
        .containsExactlyInAnyOrder(
            // Nearest to (1,0): 3 at 0.96, 4 at 0.8; 5 and 2 are of classes that are taken.
            new int[] {0, 1, 3, 4},
            // Nearest to (0,1): 2 at 0.96, 5 at 0.8.
            new int[] {1, 0, 2, 5},
            // To (0.28,0.96): 1 at 0.96, 5 at 0.936.
            new int[] {2, 3, 1, 5},
            // To (0.96,0.28): 0 at 0.96, 4 at 0.936.
            new int[] {3, 2, 0, 4},
            // To (0.8,0.6): 3 at 0.936, 0 at 0.8.
            new int[] {4, 5, 3, 0},
            // To (0.6,0.8): 2 at 0.936, 1 at 0.8.
            new int[] {5, 4, 2, 1});
  }

  @Test
  void theLowerNumberIsFirstAmongEquals() {
    LabeledImages set = Sets.ofSizes(2, 3, 3, 3);
    float[][] all = new float[11][];
    Arrays.fill(all, new float[] {1});

    List<int[]> tuples =
        tuples(mine(HardNegativeMiner.builder(set).negatives(3).build(), 4, all), 5);

    assertThat(tuples).hasSize(11);
    for (int[] tuple : tuples) {
      assertThat(Arrays.copyOfRange(tuple, 2, 5))
          .isEqualTo(
              IntStream.of(0, 2, 5, 8)
                  .filter(image -> set.label(image) != set.label(tuple[0]))
                  .toArray());
    }
  }

  @Test
  void pairsOfADatabaseKeepTheirPositives() throws IOException {
    SfmDatabase database =
        SfmDatabase.read(
            Pickles.resource(root, "lists-4.pkl"), root, Part.TRAIN, MissingFiles.UNCHECKED);
    float[][] all = unit(new Random(1), 7, 8);
    HardNegativeMiner miner =
        HardNegativeMiner.builder(database).negatives(2).tuplesPerBatch(3).seed(5).build();

    List<int[]> batches = mine(miner, 2, all);

    assertThat(batches).extracting(batch -> batch.length).containsExactly(12, 8);
    assertThat(tuples(batches, 4))
        .extracting(tuple -> tuple[0] + "-" + tuple[1])
        .containsExactlyInAnyOrder("0-1", "1-0", "2-3", "4-2", "5-6");
    assertThat(miner)
        .hasToString("mined pairs=5 queries=2000 pool=20000 negatives=2 batch=3 seed=5");
  }

  // ---- against the definition

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void equalsTheNaiveRanking(long seed) {
    Random random = new Random(seed);
    LabeledImages set = Sets.random(random, 6 + random.nextInt(60), 8);
    int negatives = 1 + random.nextInt(5);
    int dimension = 2 + random.nextInt(9);
    float[][] all =
        seed % 2 == 0 ? coarse(random, set.size(), dimension) : unit(random, set.size(), dimension);
    HardNegativeMiner miner =
        HardNegativeMiner.builder(set)
            .queries(1 + random.nextInt(200))
            .pool(1 + random.nextInt(200))
            .negatives(negatives)
            .tuplesPerBatch(1 + random.nextInt(6))
            .seed(seed)
            .build();
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] wanted = miner.wanted(epoch);
      List<int[]> tuples = tuples(mine(miner, epoch, all), 2 + negatives);
      Set<Integer> queries = new HashSet<>();
      tuples.forEach(tuple -> assertThat(queries.add(tuple[0])).isTrue());
      for (int[] tuple : tuples) {
        assertThat(set.label(tuple[1])).isEqualTo(set.label(tuple[0]));
        assertThat(tuple[1]).isNotEqualTo(tuple[0]);
        assertThat(wanted).contains(Arrays.copyOfRange(tuple, 2, tuple.length));
      }
      int[] pool = miner.pool(epoch);
      for (int[] tuple : tuples) {
        assertThat(Arrays.copyOfRange(tuple, 2, tuple.length))
            .as("seed %s epoch %s query %s", seed, epoch, tuple[0])
            .isEqualTo(naive(set, all, pool, tuple[0], negatives));
      }
    }
  }

  private static int[] naive(
      LabeledImages set, float[][] all, int[] pool, int query, int negatives) {
    List<Integer> ranking =
        Arrays.stream(pool)
            .boxed()
            .sorted(
                (a, b) -> {
                  int order = Float.compare(dot(all[b], all[query]), dot(all[a], all[query]));
                  return order != 0 ? order : Integer.compare(a, b);
                })
            .toList();
    Set<Integer> classes = new HashSet<>(Set.of(set.label(query)));
    return ranking.stream()
        .filter(image -> classes.add(set.label(image)))
        .limit(negatives)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    // Minus zero is no other product than zero.
    return sum + 0f;
  }

  @Test
  void manyQueriesAreMinedInBlocks() {
    // 300 queries make five blocks of 64.
    LabeledImages set = Sets.ofSizes(IntStream.generate(() -> 5).limit(60).toArray());
    float[][] all = unit(new Random(3), 300, 16);
    HardNegativeMiner miner = HardNegativeMiner.builder(set).negatives(4).build();

    List<int[]> tuples = tuples(mine(miner, 0, all), 6);

    assertThat(tuples).hasSize(300);
    int[] pool = IntStream.range(0, 300).toArray();
    for (int[] tuple : tuples) {
      assertThat(Arrays.copyOfRange(tuple, 2, 6)).isEqualTo(naive(set, all, pool, tuple[0], 4));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 13})
  void theUnrolledProductEqualsTheNaiveOneBitForBit(int dimension) {
    Random random = new Random(dimension);
    float[] row = unit(random, 1, dimension)[0];
    float[][] others = unit(random, 5, dimension);
    float[] columns = new float[5 * dimension];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = others[i % 5][i / 5];
    }
    float[] sums = {9, 9, 9, 9, 9};

    HardNegativeMiner.multiply(row, columns, sums);

    for (int q = 0; q < 5; q++) {
      assertThat(sums[q]).isEqualTo(dot(row, others[q]));
    }
  }

  // ---- what is drawn

  @Test
  void wantsSoManyQueriesAndImagesOfThePool() {
    LabeledImages set = Sets.ofSizes(IntStream.generate(() -> 10).limit(50).toArray());
    HardNegativeMiner miner = HardNegativeMiner.builder(set).queries(40).pool(60).build();

    int[] wanted = miner.wanted(3);

    assertThat(wanted).isSorted().doesNotHaveDuplicates().hasSizeBetween(60, 100);
    assertThat(miner.pool(3)).hasSize(60).doesNotHaveDuplicates();
    assertThat(wanted).contains(miner.pool(3));
    assertThat(tuples(mine(miner, 3, unit(new Random(1), 500, 4)), 7)).hasSize(40);
  }

  @Test
  void anEpochIsTheSameInAnyOrderOfAsking() {
    LabeledImages set = Sets.ofSizes(IntStream.generate(() -> 10).limit(50).toArray());
    float[][] all = unit(new Random(2), 500, 8);
    HardNegativeMiner.Builder builder = HardNegativeMiner.builder(set).queries(40).pool(60);
    HardNegativeMiner miner = builder.seed(7).build();
    List<int[]> third = mine(miner, 3, all);
    int[] wanted = miner.wanted(3);
    miner.wanted(0);

    assertThat(miner.wanted(3)).isEqualTo(wanted);
    assertThat(mine(builder.seed(7).build(), 3, all))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(third);
    assertThat(miner.wanted(4)).isNotEqualTo(wanted);
    assertThat(builder.seed(8).build().wanted(3)).isNotEqualTo(wanted);
  }

  @Test
  void theBatchSizeDoesNotChangeTheTuples() {
    LabeledImages set = Sets.ofSizes(4, 4, 4, 4);
    float[][] all = unit(new Random(2), 16, 8);
    HardNegativeMiner.Builder builder = HardNegativeMiner.builder(set).negatives(3);

    assertThat(tuples(mine(builder.tuplesPerBatch(3).build(), 0, all), 5))
        .usingElementComparator(Arrays::compare)
        .isEqualTo(mine(builder.tuplesPerBatch(1).build(), 0, all));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aPoolOfTooFewClassesIsFilledUp(long seed) {
    // Nine of ten images are of one class: a pool of two mostly shows no other.
    int[] sizes = new int[11];
    Arrays.fill(sizes, 1);
    sizes[0] = 90;
    LabeledImages set = Sets.ofSizes(sizes);
    HardNegativeMiner miner =
        HardNegativeMiner.builder(set).queries(10).pool(2).negatives(4).seed(seed).build();

    assertThat(Arrays.stream(miner.pool(0)).map(set::label).distinct().count()).isEqualTo(5);
    assertThat(miner.pool(0).length).isBetween(5, 6);
    assertThat(tuples(mine(miner, 0, unit(new Random(seed), 100, 4)), 6)).hasSize(10);
  }

  @Test
  void classesWithoutAnImageAreNoClasses() {
    LabeledImages set = Sets.ofSizes(2, 2).withClasses(List.of("x", "0", "y", "1"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> HardNegativeMiner.builder(set).negatives(2).build())
        .withMessage("negatives a tuple must be in [1, 1], as there are 2 classes, but were 2");
    assertThat(
            tuples(
                mine(
                    HardNegativeMiner.builder(set).negatives(1).build(),
                    0,
                    unit(new Random(1), 4, 2)),
                3))
        .hasSize(4);
  }

  // ---- images that cannot be read

  @Test
  void imagesWithoutARowTakeNoPart() {
    LabeledImages set = Sets.ofSizes(2, 2, 2);
    float[][] all = {{1}, {1}, {}, {1}, {1}, {}};

    List<int[]> tuples =
        tuples(mine(HardNegativeMiner.builder(set).negatives(2).build(), 0, all), 4);

    assertThat(tuples)
        .usingElementComparator(Arrays::compare)
        .containsExactlyInAnyOrder(
            new int[] {0, 1, 3, 4},
            new int[] {1, 0, 3, 4},
            new int[] {3, 2, 0, 4},
            new int[] {4, 5, 0, 3});
  }

  @Test
  void tooFewClassesThatCanBeReadAreRefused() {
    LabeledImages set = Sets.ofSizes(2, 1, 1);
    HardNegativeMiner miner = HardNegativeMiner.builder(set).queries(1).negatives(2).build();
    int query = tuples(mine(miner, 0, new float[][] {{1}, {1}, {1}, {1}}), 4).get(0)[0];

    assertThatIllegalArgumentException()
        .isThrownBy(() -> mine(miner, 0, new float[][] {{1}, {1}, {}, {1}}))
        .withMessage(
            "embeddings of the pool must show at least 2 classes besides that of query "
                + query
                + " but show 1");
    assertThat(mine(miner, 0, new float[][] {{}, {}, {}, {}})).isEmpty();
  }

  // ---- refused

  @Test
  void refusesOtherEmbeddings() {
    HardNegativeMiner miner = HardNegativeMiner.builder(Sets.ofSizes(2, 2)).negatives(1).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> miner.epoch(0, new float[3][2]))
        .withMessage("embeddings must be the 4 that are wanted but were 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> miner.epoch(0, new float[][] {{}, {1, 2}, {1, 2}, {1}}))
        .withMessage("embedding of image 3 must have dimension 2 as the others but has 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> miner.epoch(0, new float[][] {{0, 1}, {1, Float.NaN}, {1, 0}, {1, 0}}))
        .withMessage("embedding of image 1 must be finite but has NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> miner.wanted(-1))
        .withMessage("epoch must be >= 0 but was -1");
  }

  @Test
  void refusesWhatIsOutOfRange() {
    HardNegativeMiner.Builder builder = HardNegativeMiner.builder(Sets.ofSizes(2, 2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.queries(0))
        .withMessage("queries must be >= 1 but were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.pool(-1))
        .withMessage("pool images must be >= 1 but were -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.negatives(0))
        .withMessage("negatives a tuple must be >= 1 but were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.tuplesPerBatch(0))
        .withMessage("tuples a batch must be >= 1 but were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.negatives(2).build())
        .withMessage("negatives a tuple must be in [1, 1], as there are 2 classes, but were 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HardNegativeMiner.builder(Sets.ofSizes(1, 1)))
        .withMessage("a class must have at least 2 images but none of 2 has");
  }

  @Test
  void tellsItselfInOneLine() {
    assertThat(HardNegativeMiner.builder(Sets.ofSizes(2, 2)).negatives(1).pool(9).seed(-3).build())
        .hasToString("mined pairs=classes queries=2000 pool=9 negatives=1 batch=5 seed=-3");
  }
}
