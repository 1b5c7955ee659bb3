// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.testkit.LossContract;
import io.deepretrieval.testkit.Randoms;
import org.junit.jupiter.api.Nested;

/** Every loss of the package holds the contract, in each of its forms. */
final class LossContractsTest {
  /** Rows belong together in groups of consecutive rows: groups may change places, rows not. */
  private static int[] orderOfGroups(int rows, int group, Randoms random) {
    int[] groups = random.permutation(rows / group);
    int[] order = new int[rows];
    for (int i = 0; i < rows; i++) {
      order[i] = groups[i / group] * group + i % group;
    }
    return order;
  }

  /** Rows of length 1 whose inner products lie in (0, 1). */
  private static EmbeddingBatch unit(EmbeddingBatch batch) {
    double[] x = batch.toArray();
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.abs(x[i]);
    }
    Embeddings.normalizeRows(x, batch.dimension());
    return EmbeddingBatch.copyOf(batch.dimension(), x, batch.labels());
  }

  @Nested
  final class NPairLabeled extends LossContract {
    @Override
    protected Loss loss() {
      return NPairLoss.labeled(0.002);
    }

    @Override
    protected int[] labels() {
      return new int[] {0, 0, 1, 1, 2, 2, 1, 1, 4, 4, 1, 1, 0, 0};
    }

    @Override
    protected int[] order(int rows, Randoms random) {
      return orderOfGroups(rows, 2, random);
    }
  }

  @Nested
  final class NPairDistinct extends LossContract {
    @Override
    protected Loss loss() {
      return NPairLoss.distinct(0);
    }

    @Override
    protected int[] order(int rows, Randoms random) {
      return orderOfGroups(rows, 2, random);
    }

    @Override
    protected EmbeddingBatch oneClass(Randoms random) {
      return random.batch(5, 7, 7);
    }
  }

  @Nested
  final class TripletAllSum extends LossContract {
    @Override
    protected Loss loss() {
      return TripletLoss.builder().reduction(Reduction.SUM).build();
    }
  }

  @Nested
  final class TripletSoftHardestMean extends LossContract {
    @Override
    protected Loss loss() {
      return TripletLoss.builder()
          .softMargin()
          .selection(TripletMiner.batchHard())
          .distance(Distance.EUCLIDEAN)
          .build();
    }

    @Override
    protected int[] labels() {
      return new int[] {0, 0, 1, 1, 2, 2, 3, 0, 0, 2, 1, 4};
    }
  }

  @Nested
  final class TripletSemiHardMeanActive extends LossContract {
    @Override
    protected Loss loss() {
      return TripletLoss.builder()
          .margin(2)
          .selection(TripletMiner.semiHard())
          .reduction(Reduction.MEAN_ACTIVE)
          .build();
    }
  }

  @Nested
  final class TripletTuples extends LossContract {
    @Override
    protected Loss loss() {
      return TripletLoss.builder().selection(TripletMiner.tuples(4)).build();
    }

    @Override
    protected int[] labels() {
      return new int[] {0, 0, 1, 2, 3, 3, 4, 4, 1, 1, 5, 6};
    }

    @Override
    protected int[] order(int rows, Randoms random) {
      return orderOfGroups(rows, 4, random);
    }

    @Override
    protected EmbeddingBatch oneClass(Randoms random) {
      // A tuple always has two classes: the loss that has none is that of a solved tuple.
      return EmbeddingBatch.copyOf(1, new double[] {0, 0, 100, -100}, new int[] {7, 7, 8, 9});
    }
  }

  @Nested
  final class ContrastiveAll extends LossContract {
    @Override
    protected Loss loss() {
      return ContrastiveLoss.builder().margin(3).build();
    }

    @Override
    protected void assertOneClass(EmbeddingBatch batch, LossResult result) {
      assertPulledTogether(batch, result);
    }
  }

  @Nested
  final class ContrastiveTuples extends LossContract {
    @Override
    protected Loss loss() {
      return ContrastiveLoss.builder()
          .margin(4)
          .distance(Distance.euclidean(1e-6))
          .selection(PairMiner.tuples(4))
          .reduction(Reduction.SUM)
          .build();
    }

    @Override
    protected int[] labels() {
      return new int[] {0, 0, 1, 2, 3, 3, 4, 4, 1, 1, 5, 6};
    }

    @Override
    protected int[] order(int rows, Randoms random) {
      return orderOfGroups(rows, 4, random);
    }

    @Override
    protected void assertOneClass(EmbeddingBatch batch, LossResult result) {
      assertPulledTogether(batch, result);
    }
  }

  /**
   * The contrastive loss pulls one class together: a step against the gradient makes it smaller.
   */
  private static void assertPulledTogether(EmbeddingBatch batch, LossResult result) {
    assertThat(result.value()).isPositive();
    double[] x = batch.toArray();
    double before = spread(x, batch.dimension());
    for (int i = 0; i < x.length; i++) {
      x[i] -= 0.1 * result.gradient()[i];
    }
    assertThat(spread(x, batch.dimension())).isLessThan(before);
  }

  private static double spread(double[] x, int d) {
    double sum = 0;
    for (int a = 0; a < x.length; a += d) {
      for (int b = 0; b < x.length; b += d) {
        sum += Distance.SQUARED_EUCLIDEAN.of(x, a, b, d);
      }
    }
    return sum;
  }

  @Nested
  final class QuantizedApOfTwentyFiveBins extends LossContract {
    @Override
    protected Loss loss() {
      return QuantizedApLoss.of(25);
    }

    @Override
    protected int[] labels() {
      return new int[] {0, 1, 0, 1, 2, 2, 3, 0, 0, 2, 1, 4};
    }

    @Override
    protected EmbeddingBatch batch(Randoms random) {
      return unit(super.batch(random));
    }
  }

  @Nested
  final class QuantizedApOfTwoBins extends LossContract {
    @Override
    protected Loss loss() {
      return QuantizedApLoss.of(2);
    }

    @Override
    protected EmbeddingBatch batch(Randoms random) {
      return unit(super.batch(random));
    }
  }

  @Nested
  final class Softmax extends LossContract {
    @Override
    protected Loss loss() {
      return SoftmaxLoss.random(8, 5, 3);
    }

    @Override
    protected void assertOneClass(EmbeddingBatch batch, LossResult result) {
      assertStillClassified(batch, result);
    }
  }

  @Nested
  final class ArcFace extends LossContract {
    @Override
    protected Loss loss() {
      return ArcFaceLoss.random(8, 5, 3, 30, 0.15);
    }

    @Override
    protected void assertOneClass(EmbeddingBatch batch, LossResult result) {
      assertStillClassified(batch, result);
    }
  }

  /** A classifier tells one class of the batch from all that it knows. */
  private static void assertStillClassified(EmbeddingBatch batch, LossResult result) {
    assertThat(result.value()).isPositive();
    assertThat(result.activeTuples()).isEqualTo(batch.size());
  }
}
