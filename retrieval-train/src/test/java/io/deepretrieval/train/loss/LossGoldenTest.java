// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and gradients of an independent implementation with automatic differentiation. */
final class LossGoldenTest {
  private static final double TOLERANCE = 1e-6;

  @Test
  void nPairOfThreePairs() {
    // log-softmax of A·Pᵀ by hand: the mean cross entropy is 0.858652160, the λ term 0.002375.
    EmbeddingBatch batch =
        EmbeddingBatch.copyOf(
            2, new double[] {1, 0, 1, 0.5, 0, 2, 0, 1, 1, 1, 2, 1}, new int[] {0, 0, 1, 1, 2, 2});
    assertThat(NPairLoss.distinct(0).evaluate(batch).value()).isCloseTo(0.858652160, within(1e-9));
    assertThat(NPairLoss.distinct(0.002).evaluate(batch).value())
        .isCloseTo(0.861027160, within(1e-9));
    assertThat(NPairLoss.labeled(0.002).evaluate(batch).value())
        .isCloseTo(0.861027160, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"5,0.6825", "20,0.816666667", "25,0.816666667"})
  void averagePrecisionOfFourScores(int bins, double expected) {
    double[] scores = {0.95, 0.8, 0.6, 0.3};
    boolean[] relevant = {true, false, true, false};
    assertThat(new QuantizedAp(bins).evaluate(scores, relevant, new double[4]))
        .isCloseTo(expected, within(1e-8));
  }

  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  final class WithGradients {
    private JsonObject golden = new JsonObject();

    @BeforeAll
    void read() throws IOException {
      Path file = SharedFiles.require("golden/losses.json");
      golden = new Gson().fromJson(Files.readString(file), JsonObject.class);
    }

    private static double[][] matrix(JsonElement json) {
      return new Gson().fromJson(json, double[][].class);
    }

    private static double[] vector(JsonElement json) {
      return new Gson().fromJson(json, double[].class);
    }

    /** Rows 0 of all matrices, then rows 1 and so on. */
    private static double[] interleave(double[][]... matrices) {
      int d = matrices[0][0].length;
      double[] out = new double[matrices.length * matrices[0].length * d];
      int at = 0;
      for (int row = 0; row < matrices[0].length; row++) {
        for (double[][] matrix : matrices) {
          System.arraycopy(matrix[row], 0, out, at, d);
          at += d;
        }
      }
      return out;
    }

    private static double[][][] gradients(JsonObject expected) {
      return new Gson().fromJson(expected.get("grads"), double[][][].class);
    }

    private static void assertEqual(
        Loss loss, int dimension, double[] rows, int[] labels, JsonObject expected) {
      LossResult result = loss.evaluate(EmbeddingBatch.copyOf(dimension, rows, labels));
      assertThat(result.value()).isCloseTo(expected.get("value").getAsDouble(), within(TOLERANCE));
      assertThat(result.gradient())
          .containsExactly(interleave(gradients(expected)), within(TOLERANCE));
    }

    @Test
    void nPair() {
      double[] rows = interleave(matrix(golden.get("anchors")), matrix(golden.get("positives")));
      int[] classes = new Gson().fromJson(golden.get("labels"), int[].class);
      int[] labels = new int[2 * classes.length];
      int[] distinct = new int[labels.length];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = classes[row / 2];
        distinct[row] = row / 2;
      }
      assertEqual(
          NPairLoss.labeled(0.002),
          5,
          rows,
          labels,
          golden.getAsJsonObject("npairs_labels_lambda0.002"));
      assertEqual(
          NPairLoss.distinct(0),
          5,
          rows,
          distinct,
          golden.getAsJsonObject("npairs_mc_distinct_no_reg"));
    }

    @Test
    void triplet() {
      JsonObject json = golden.getAsJsonObject("triplet");
      double[] rows =
          interleave(matrix(json.get("q")), matrix(json.get("p")), matrix(json.get("n")));
      int[] labels = new int[rows.length / 5];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = 2 * (row / 3) + row % 3 / 2;
      }
      TripletLoss.Builder builder = TripletLoss.builder().selection(TripletMiner.tuples(3));
      assertEqual(
          builder.margin(0.1).reduction(Reduction.SUM).build(),
          5,
          rows,
          labels,
          json.getAsJsonObject("squared_sum_margin0.1"));
      assertEqual(
          builder.margin(1.5).reduction(Reduction.MEAN).build(),
          5,
          rows,
          labels,
          json.getAsJsonObject("squared_mean_margin1.5"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.85, 1.6})
    void contrastive(double margin) {
      JsonObject json = golden.getAsJsonObject("contrastive");
      double[] rows = interleave(matrix(json.get("a")), matrix(json.get("b")));
      double[] same = vector(json.get("same"));
      int[] labels = new int[rows.length / 5];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = 2 * (row / 2) + (same[row / 2] == 1 ? 0 : row % 2);
      }
      Loss loss =
          ContrastiveLoss.builder()
              .margin(margin)
              .distance(Distance.euclidean(1e-6))
              .selection(PairMiner.tuples(2))
              .reduction(Reduction.SUM)
              .build();
      assertEqual(loss, 5, rows, labels, json.getAsJsonObject("sum_margin" + margin));
    }

    @Test
    void softmaxAndArcFace() {
      assertClassifier(SoftmaxLoss.random(4, 5, 1), "softmax");
      assertClassifier(ArcFaceLoss.random(4, 5, 1, 30, 0.15), "arcface_s30_m0.15");
    }

    private void assertClassifier(TrainableLoss loss, String name) {
      JsonObject json = golden.getAsJsonObject("classification");
      EmbeddingBatch batch =
          EmbeddingBatch.copyOf(
              5,
              interleave(matrix(json.get("embeddings"))),
              new Gson().fromJson(json.get("labels"), int[].class));
      TrainableLossResult result =
          loss.withWeights(interleave(matrix(json.get("weights")))).evaluateWithWeights(batch);
      JsonObject expected = json.getAsJsonObject(name);
      assertThat(result.result().value())
          .isCloseTo(expected.get("value").getAsDouble(), within(TOLERANCE));
      assertThat(result.result().gradient())
          .containsExactly(interleave(gradients(expected)[0]), within(TOLERANCE));
      assertThat(result.weightGradient())
          .containsExactly(interleave(gradients(expected)[1]), within(TOLERANCE));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 20, 25})
    void quantizedAp(int bins) {
      JsonObject json = golden.getAsJsonObject("ap_quantized");
      double[] scores = vector(json.get("scores"));
      double[] labels = vector(json.get("labels"));
      boolean[] relevant = new boolean[labels.length];
      for (int i = 0; i < labels.length; i++) {
        relevant[i] = labels[i] == 1;
      }
      JsonObject expected = json.getAsJsonObject("one_minus_ap_nq" + bins);
      double[] slopes = new double[scores.length];
      double ap = new QuantizedAp(bins).evaluate(scores, relevant, slopes);
      assertThat(1 - ap).isCloseTo(expected.get("value").getAsDouble(), within(TOLERANCE));
      double[] gradient = matrix(expected.get("grads"))[0];
      for (int i = 0; i < slopes.length; i++) {
        assertThat(-slopes[i]).as("score %d", i).isCloseTo(gradient[i], within(TOLERANCE));
      }
    }
  }
}
