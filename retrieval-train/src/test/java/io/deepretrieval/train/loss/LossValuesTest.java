// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.testkit.Randoms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values by hand and by the definition in naive loops, and what is refused. */
final class LossValuesTest {
  /** Rows on a line: class 0 at 0 and 3, class 1 at 4 and 10. */
  private static final EmbeddingBatch LINE =
      EmbeddingBatch.copyOf(1, new double[] {0, 3, 4, 10}, new int[] {0, 0, 1, 1});

  private static double value(Loss loss, EmbeddingBatch batch) {
    return loss.evaluate(batch).value();
  }

  private static List<String> triplets(TripletMiner selection, EmbeddingBatch batch) {
    List<String> out = new ArrayList<>();
    selection.select(
        new BatchDistances(batch, Distance.EUCLIDEAN), (a, p, n) -> out.add(a + "" + p + "" + n));
    return out;
  }

  private static List<String> pairs(PairMiner selection, EmbeddingBatch batch) {
    List<String> out = new ArrayList<>();
    selection.select(new BatchDistances(batch, Distance.EUCLIDEAN), (a, b) -> out.add(a + "" + b));
    return out;
  }

  @Test
  void selectionsOfTriplets() {
    assertThat(triplets(TripletMiner.all(), LINE))
        .containsExactly("012", "013", "102", "103", "230", "231", "320", "321");
    assertThat(triplets(TripletMiner.batchHard(), LINE))
        .containsExactly("012", "102", "231", "321");
    // Row 2 has its positive at 6 and no negative beyond; row 1 its positive at 3, the next at 7.
    assertThat(triplets(TripletMiner.semiHard(), LINE)).containsExactly("012", "103", "321");
    EmbeddingBatch tuples =
        EmbeddingBatch.copyOf(1, new double[8], new int[] {0, 0, 1, 2, 5, 5, 0, 1});
    assertThat(triplets(TripletMiner.tuples(4), tuples))
        .containsExactly("012", "013", "456", "457");
  }

  @Test
  void selectionsOfPairs() {
    assertThat(pairs(PairMiner.all(), LINE)).containsExactly("01", "02", "03", "12", "13", "23");
    assertThat(pairs(PairMiner.tuples(2), LINE)).containsExactly("01", "23");
    assertThat(pairs(PairMiner.tuples(4), LINE)).containsExactly("01", "02", "03");
  }

  @Test
  void tiesGoToTheFirstRow() {
    EmbeddingBatch batch =
        EmbeddingBatch.copyOf(1, new double[] {0, 1, -1, 2, -2}, new int[] {0, 0, 0, 1, 1});
    assertThat(triplets(TripletMiner.batchHard(), batch).get(0)).isEqualTo("013");
    assertThat(triplets(TripletMiner.semiHard(), batch)).contains("013", "023");
  }

  @Test
  void tripletByHand() {
    // Hardest: |0-3| - |0-4| = -1, |3-0| - |3-4| = 2, |4-10| - |4-3| = 5, |10-4| - |10-3| = -1.
    TripletLoss.Builder builder =
        TripletLoss.builder()
            .distance(Distance.EUCLIDEAN)
            .selection(TripletMiner.batchHard())
            .margin(1.5);
    assertThat(value(builder.reduction(Reduction.SUM).build(), LINE))
        .isEqualTo(0.5 + 3.5 + 6.5 + 0.5);
    assertThat(value(builder.reduction(Reduction.MEAN).build(), LINE)).isEqualTo(11.0 / 4);
    LossResult solved = builder.margin(1).reduction(Reduction.MEAN_ACTIVE).build().evaluate(LINE);
    assertThat(solved.value()).isEqualTo((3.0 + 6.0) / 2);
    assertThat(solved.activeTuples()).isEqualTo(2);
    assertThat(value(builder.softMargin().reduction(Reduction.SUM).build(), LINE))
        .isCloseTo(
            2 * Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.exp(2)) + Math.log(1 + Math.exp(5)),
            within(1e-12));
  }

  @Test
  void softMarginDoesNotOverflow() {
    EmbeddingBatch far = EmbeddingBatch.copyOf(1, new double[] {0, 1e6, 1}, new int[] {0, 0, 1});
    LossResult result =
        TripletLoss.builder()
            .softMargin()
            .selection(TripletMiner.batchHard())
            .distance(Distance.EUCLIDEAN)
            .reduction(Reduction.SUM)
            .build()
            .evaluate(far);
    // Anchor 0 is 999999 off, anchor 1 by 1.
    assertThat(result.value()).isCloseTo(999999 + Math.log(1 + Math.exp(1)), within(1e-9));
  }

  @Test
  void contrastiveByHand() {
    // Pairs 01: 3 alike, 02: 4, 03: 10, 12: 1, 13: 7 different, 23: 6 alike; margin 5.
    ContrastiveLoss.Builder builder = ContrastiveLoss.builder().margin(5);
    LossResult sum = builder.reduction(Reduction.SUM).build().evaluate(LINE);
    assertThat(sum.value()).isEqualTo(0.5 * (9 + 1 + 16 + 36));
    assertThat(sum.activeTuples()).isEqualTo(4);
    // d/dx of row 1 at 3: alike with 0 pulls by 3, different from 4 pushes by 4 to the left.
    assertThat(sum.gradientAt(1, 0)).isEqualTo(3.0 + 4.0);
    assertThat(value(builder.reduction(Reduction.MEAN).build(), LINE))
        .isCloseTo(31.0 / 6, within(1e-12));
    assertThat(value(builder.reduction(Reduction.MEAN_ACTIVE).build(), LINE)).isEqualTo(31.0 / 4);
  }

  @Test
  void sumGrowsWithTheBatchAndMeanDoesNot() {
    EmbeddingBatch once = Randoms.ofSeed(1).batch(3, 0, 0, 1, 1);
    double[] x = once.toArray();
    double[] twiceX = new double[2 * x.length];
    System.arraycopy(x, 0, twiceX, 0, x.length);
    System.arraycopy(x, 0, twiceX, x.length, x.length);
    EmbeddingBatch twice = EmbeddingBatch.copyOf(3, twiceX, new int[] {0, 0, 1, 1, 0, 0, 1, 1});
    for (Reduction reduction : Reduction.values()) {
      Loss loss =
          ContrastiveLoss.builder().selection(PairMiner.tuples(2)).reduction(reduction).build();
      assertThat(value(loss, twice))
          .isCloseTo(value(loss, once) * (reduction == Reduction.SUM ? 2 : 1), within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nPairEqualsTheDefinition(long seed) {
    Randoms random = Randoms.ofSeed(seed);
    EmbeddingBatch batch = random.batch(4, 0, 0, 1, 1, 2, 2, 1, 1, 0, 0);
    double expected = 0;
    int n = batch.size() / 2;
    for (int i = 0; i < n; i++) {
      double sum = 0;
      double target = 0;
      int alike = 0;
      for (int j = 0; j < n; j++) {
        double logit = 0;
        for (int k = 0; k < 4; k++) {
          logit += batch.at(2 * i, k) * batch.at(2 * j + 1, k);
        }
        sum += Math.exp(logit);
        if (batch.label(2 * j) == batch.label(2 * i)) {
          target += logit;
          alike++;
        }
      }
      expected += (Math.log(sum) - target / alike) / n;
    }
    double squares = 0;
    for (double x : batch.toArray()) {
      squares += x * x;
    }
    expected += 0.25 * 0.01 * squares / n;
    assertThat(value(NPairLoss.labeled(0.01), batch))
        .as(random.note("loss"))
        .isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"1,25", "2,20", "3,5", "4,2"})
  void quantizedApEqualsTheDefinition(long seed, int bins) {
    Randoms random = Randoms.ofSeed(seed);
    EmbeddingBatch batch = random.batch(3, 0, 1, 0, 2, 1, 0, 3, 1, 1);
    double lost = 0;
    int queries = 0;
    for (int query = 0; query < batch.size(); query++) {
      double[] positives = new double[bins];
      double[] all = new double[bins];
      double count = 0;
      for (int row = 0; row < batch.size(); row++) {
        if (row == query) {
          continue;
        }
        double score = 0;
        for (int k = 0; k < 3; k++) {
          score += batch.at(query, k) * batch.at(row, k);
        }
        boolean alike = batch.label(row) == batch.label(query);
        count += alike ? 1 : 0;
        for (int b = 0; b < bins; b++) {
          double center = 1 - b / (bins - 1.0);
          double share = Math.max(0, 1 - Math.abs(score - center) * (bins - 1));
          if ((b == 0 && score > 1) || (b == bins - 1 && score < 0)) {
            share = 1;
          }
          all[b] += share;
          positives[b] += alike ? share : 0;
        }
      }
      if (count > 0) {
        queries++;
        double above = 0;
        double aboveAll = 0;
        double ap = 0;
        for (int b = 0; b < bins; b++) {
          above += positives[b];
          aboveAll += all[b];
          ap += aboveAll == 0 ? 0 : above / aboveAll * positives[b] / count;
        }
        lost += 1 - ap;
      }
    }
    LossResult result = QuantizedApLoss.of(bins).evaluate(batch);
    assertThat(result.value()).as(random.note("loss")).isCloseTo(lost / queries, within(1e-12));
    assertThat(result.activeTuples()).isEqualTo(queries).isEqualTo(7);
  }

  @Test
  void perfectRankingLosesNothing() {
    double h = Math.sqrt(0.5);
    EmbeddingBatch batch =
        EmbeddingBatch.copyOf(
            3, new double[] {1, 0, 0, h, h, 0, 0, 0, 1, 0, 0, 1}, new int[] {0, 0, 1, 1});
    assertThat(value(QuantizedApLoss.of(25), batch)).isCloseTo(0, within(1e-12));
  }

  @Test
  void softmaxByHand() {
    TrainableLoss loss = SoftmaxLoss.random(2, 1, 1).withWeights(new double[] {1, -1});
    TrainableLossResult result =
        loss.evaluateWithWeights(EmbeddingBatch.copyOf(1, new double[] {0.5}, new int[] {0}));
    double q = 1 / (1 + Math.exp(1)); // softmax of the other class
    assertThat(result.result().value()).isCloseTo(-Math.log(1 - q), within(1e-12));
    assertThat(result.result().gradientAt(0, 0)).isCloseTo(-2 * q, within(1e-12));
    assertThat(result.weightGradient())
        .containsExactly(new double[] {-0.5 * q, 0.5 * q}, within(1e-12));
  }

  @Test
  void arcFaceByHand() {
    // The embedding lies at 30 degrees, its class at 0, the other at 90.
    TrainableLoss loss =
        ArcFaceLoss.random(2, 2, 1, 10, 0.2).withWeights(new double[] {2, 0, 0, 3});
    double angle = Math.PI / 6;
    EmbeddingBatch batch =
        EmbeddingBatch.copyOf(
            2, new double[] {5 * Math.cos(angle), 5 * Math.sin(angle)}, new int[] {0});
    double own = 10 * Math.cos(angle + 0.2);
    double other = 10 * Math.cos(Math.PI / 3);
    assertThat(loss.evaluate(batch).value())
        .isCloseTo(Math.log(1 + Math.exp(other - own)), within(1e-12));
  }

  @Test
  void arcFaceWithoutMarginIsSoftmaxOfCosines() {
    EmbeddingBatch batch = Randoms.ofSeed(4).batch(3, 0, 1, 2, 1);
    double[] x = batch.toArray();
    double[] w = Randoms.ofSeed(5).wideGaussians(9);
    Loss arcFace = ArcFaceLoss.random(3, 3, 1, 1, 0).withWeights(w);
    double expected = value(arcFace, batch);
    Embeddings.normalizeRows(x, 3);
    Embeddings.normalizeRows(w, 3);
    Loss softmax = SoftmaxLoss.random(3, 3, 1).withWeights(w);
    assertThat(value(softmax, EmbeddingBatch.copyOf(3, x, batch.labels())))
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void arcFaceOnTheLineOfItsClassIsFinite() {
    TrainableLoss loss =
        ArcFaceLoss.random(2, 2, 1, 30, 0.5).withWeights(new double[] {1, 0, 0, 0});
    for (double x : new double[] {1, -1, 0, 1e-300}) {
      TrainableLossResult result =
          loss.evaluateWithWeights(EmbeddingBatch.copyOf(2, new double[] {x, 0}, new int[] {0}));
      assertThat(result.weightGradient()).doesNotContain(Double.NaN);
      assertThat(result.weightGradient()[2]).isZero();
      assertThat(result.result().value()).isNotNegative();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void weightGradientAgreesWithCentralDifferences(boolean softmax) {
    EmbeddingBatch batch = Randoms.ofSeed(6).batch(4, 0, 1, 2, 1, 0);
    TrainableLoss loss =
        softmax ? SoftmaxLoss.random(3, 4, 7) : ArcFaceLoss.random(3, 4, 7, 30, 0.15);
    double[] gradient = loss.evaluateWithWeights(batch).weightGradient();
    double[] w = loss.weights();
    for (int i = 0; i < w.length; i++) {
      double original = w[i];
      w[i] = original + 1e-6;
      double up = value(loss.withWeights(w), batch);
      w[i] = original - 1e-6;
      double down = value(loss.withWeights(w), batch);
      w[i] = original;
      assertThat(gradient[i]).isCloseTo((up - down) / 2e-6, within(1e-6));
    }
  }

  @Test
  void weightsAreCopiedAndSeeded() {
    TrainableLoss loss = SoftmaxLoss.random(3, 4, 7);
    double[] w = loss.weights();
    assertThat(ArcFaceLoss.random(3, 4, 7, 30, 0.15).weights()).isEqualTo(w);
    assertThat(SoftmaxLoss.random(3, 4, 8).weights()).isNotEqualTo(w);
    TrainableLoss other = loss.withWeights(w);
    w[0] = 99;
    assertThat(loss.weights()[0]).isNotEqualTo(99);
    assertThat(other.weights()).isEqualTo(loss.weights());
    assertThat(loss.classes()).isEqualTo(3);
    assertThat(loss.dimension()).isEqualTo(4);
  }

  @Test
  void rowsInAnotherOrderAreRefused() {
    EmbeddingBatch odd = EmbeddingBatch.copyOf(1, new double[3], new int[] {0, 0, 1});
    EmbeddingBatch mixed = EmbeddingBatch.copyOf(1, new double[4], new int[] {0, 0, 1, 2});
    EmbeddingBatch twice = EmbeddingBatch.copyOf(1, new double[4], new int[] {1, 1, 1, 1});
    refused(NPairLoss.labeled(0), odd, "n-pair batch must have an even number of rows but had 3");
    refused(
        NPairLoss.labeled(0),
        mixed,
        "rows 2 and 3 must be an anchor and a positive of one class but had classes 1 and 2");
    refused(
        NPairLoss.distinct(0),
        twice,
        "pairs must have different classes but rows 0 and 2 both had class 1");
    Loss triplets = TripletLoss.builder().selection(TripletMiner.tuples(3)).build();
    refused(triplets, mixed, "batch must be whole tuples of 3 rows but had 4 rows");
    refused(
        triplets,
        EmbeddingBatch.copyOf(1, new double[3], new int[] {0, 1, 1}),
        "rows 0 and 1 must be a query and its positive but had classes 0 and 1");
    refused(
        triplets,
        EmbeddingBatch.copyOf(1, new double[3], new int[] {4, 4, 4}),
        "row 2 must be a negative of row 0 but both had class 4");
    refused(
        ContrastiveLoss.builder().selection(PairMiner.tuples(2)).build(),
        odd,
        "batch must be whole tuples of 2 rows but had 3 rows");
  }

  @Test
  void classesAndDimensionsThatDoNotFitAreRefused() {
    Loss loss = SoftmaxLoss.random(3, 2, 1);
    refused(
        loss,
        EmbeddingBatch.copyOf(2, new double[4], new int[] {2, 3}),
        "label must be in [0, 3) but row 1 had 3");
    refused(
        loss,
        EmbeddingBatch.copyOf(2, new double[2], new int[] {-1}),
        "label must be in [0, 3) but row 0 had -1");
    refused(
        loss,
        EmbeddingBatch.copyOf(3, new double[3], new int[] {0}),
        "embedding dimension must be 2 (class weights) but was 3");
  }

  @Test
  void whatIsNotFiniteIsNamed() {
    EmbeddingBatch bad =
        EmbeddingBatch.copyOf(2, new double[] {0, 0, 0, Double.NaN}, new int[] {0, 0});
    for (Loss loss :
        List.of(
            NPairLoss.labeled(0),
            TripletLoss.builder().build(),
            ContrastiveLoss.builder().build(),
            QuantizedApLoss.of(25),
            SoftmaxLoss.random(2, 2, 1),
            ArcFaceLoss.random(2, 2, 1, 30, 0.15))) {
      refused(loss, bad, "embedding must be finite but row 1, value 1 was NaN");
    }
    EmbeddingBatch huge =
        EmbeddingBatch.copyOf(1, new double[] {1e200, -1e200, 1, 1}, new int[] {0, 0, 1, 1});
    refused(
        TripletLoss.builder().build(),
        huge,
        "distance of rows 0 and 1 must be finite but was Infinity");
    refused(
        NPairLoss.distinct(0),
        huge,
        "inner product of rows 0 and 1 must be finite but was -Infinity");
    refused(
        SoftmaxLoss.random(2, 1, 1).withWeights(new double[] {1, 1e200}),
        EmbeddingBatch.copyOf(1, new double[] {1e200}, new int[] {0}),
        "logit must be finite but row 0, class 1 was Infinity");
  }

  private static void refused(Loss loss, EmbeddingBatch batch, String message) {
    assertThatThrownBy(() -> loss.evaluate(batch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void parametersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> NPairLoss.labeled(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("n-pair lambda must be >= 0 but was -1.0");
    assertThatThrownBy(() -> TripletLoss.builder().margin(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("triplet margin must be >= 0 but was NaN");
    assertThatThrownBy(() -> ContrastiveLoss.builder().margin(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("contrastive margin must be > 0 but was 0.0");
    assertThatThrownBy(() -> Distance.euclidean(-1e-6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance epsilon must be >= 0 but was -1.0E-6");
    assertThatThrownBy(() -> PairMiner.tuples(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a tuple must have at least 2 rows but had 1");
    assertThatThrownBy(() -> TripletMiner.tuples(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a tuple must have at least 3 rows but had 2");
    assertThatThrownBy(() -> QuantizedApLoss.of(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("quantized-ap bins must be at least 2 but were 1");
    assertThatThrownBy(() -> SoftmaxLoss.random(1, 5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class weights [L,D] must be at least [2,1] but were [1,5]");
    assertThatThrownBy(() -> SoftmaxLoss.random(2, 2, 1).withWeights(new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class weights [2,2] must have 4 values but had 3");
    assertThatThrownBy(
            () -> SoftmaxLoss.random(2, 2, 1).withWeights(new double[] {0, 0, Double.NaN, 0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("class weight must be finite but class 1, value 0 was NaN");
    assertThatThrownBy(() -> ArcFaceLoss.random(2, 2, 1, 0, 0.15))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("arcface scale must be > 0 but was 0.0");
    assertThatThrownBy(() -> ArcFaceLoss.random(2, 2, 1, 30, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("arcface margin must be in [0, pi/2) but was 2.0");
  }
}
