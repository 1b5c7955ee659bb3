// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Loss;
import io.deepretrieval.Parameter;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.ArcFaceLoss;
import io.deepretrieval.train.loss.ContrastiveLoss;
import io.deepretrieval.train.loss.NPairLoss;
import io.deepretrieval.train.loss.QuantizedApLoss;
import io.deepretrieval.train.loss.SoftmaxLoss;
import io.deepretrieval.train.loss.TripletLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One step of plain gradient descent with rate 1 changes each value by its gradient. That is
 * compared, for each tensor along its gradient, with differences of the loss over the whole way:
 * convolution, folded normalization, ReLU, residual sum, pooling with a learnable exponent, L2,
 * projection, L2, loss.
 */
final class FineTunerGradientTest {
  private static final int ROWS = 8;
  private static final int DIMENSION = 5;
  private static final double STEP = 2e-3;

  static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of("n-pair", NPairLoss.labeled(0.01), false),
        Arguments.of("n-pair, pairs", NPairLoss.distinct(0.01), false),
        Arguments.of("triplet", TripletLoss.builder().margin(5).build(), true),
        Arguments.of("triplet, soft", TripletLoss.builder().softMargin().build(), true),
        Arguments.of("contrastive", ContrastiveLoss.builder().margin(3).build(), true),
        Arguments.of("softmax", SoftmaxLoss.random(4, DIMENSION, 3), false),
        Arguments.of("arcface", ArcFaceLoss.random(4, DIMENSION, 3, 8, 0.1), true),
        Arguments.of("quantized AP", QuantizedApLoss.of(5), true));
  }

  private final LabeledImages images = Trainings.images(4, 2, 16, 1);

  /** Values of the network, the projection and the exponent. */
  private static Map<String, float[]> everything(
      TrainableBackbone backbone, ProjectionHead head, DifferentiablePooling pooling) {
    Map<String, float[]> all = new LinkedHashMap<>(Trainings.values(backbone));
    all.put("projection.weight", head.weight());
    all.put("projection.bias", head.bias());
    all.put("p", pooling.parameters());
    return all;
  }

  private double value(
      TrainableBackbone backbone, Map<String, float[]> values, Loss loss, boolean normalized)
      throws Exception {
    for (Parameter parameter : backbone.parameters()) {
      parameter.set(java.util.Objects.requireNonNull(values.get(parameter.name())));
    }
    List<RgbImage> pixels = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      pixels.add(new ImageIoDecoder().decode(images.source(i)));
    }
    double[] rows = new double[ROWS * DIMENSION];
    float[] weight = java.util.Objects.requireNonNull(values.get("projection.weight"));
    float[] bias = java.util.Objects.requireNonNull(values.get("projection.bias"));
    double p = java.util.Objects.requireNonNull(values.get("p"))[0];
    List<FeatureMap> maps = backbone.extract(pixels);
    for (int i = 0; i < ROWS; i++) {
      double[] pooled = unit(gem(maps.get(i), p));
      double[] out = new double[DIMENSION];
      for (int o = 0; o < DIMENSION; o++) {
        out[o] = bias[o];
        for (int c = 0; c < pooled.length; c++) {
          out[o] += weight[o * pooled.length + c] * pooled[c];
        }
      }
      System.arraycopy(normalized ? unit(out) : out, 0, rows, i * DIMENSION, DIMENSION);
    }
    int[] labels = IntStream.range(0, ROWS).map(images::label).toArray();
    return loss.evaluate(EmbeddingBatch.copyOf(DIMENSION, rows, labels)).value();
  }

  /** By its definition, in double. */
  private static double[] gem(FeatureMap map, double p) {
    double[] out = new double[map.channels()];
    int cells = map.height() * map.width();
    for (int c = 0; c < out.length; c++) {
      for (int i = 0; i < cells; i++) {
        float v = map.at(c, i / map.width(), i % map.width());
        out[c] += Math.pow(Math.max(v, 1e-6f), p) / cells;
      }
      out[c] = Math.pow(out[c], 1 / p);
    }
    return out;
  }

  private static double[] unit(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v * v;
    }
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      out[i] = x[i] / Math.sqrt(sum);
    }
    return out;
  }

  private static double length(float[] x) {
    double sum = 0;
    for (float v : x) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void aStepIsTheGradient(String name, Loss loss, boolean normalized) throws Exception {
    ProjectionHead head = ProjectionHead.random(Trainings.CHANNELS, DIMENSION, 2);
    GemPooling pooling = GemPooling.learnable(2.5f);
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      Map<String, float[]> before = everything(backbone, head, pooling);
      TrainingReport report =
          FineTuner.builder(backbone, pooling, loss)
              .images(
                  images,
                  epoch -> List.of(IntStream.range(0, ROWS).toArray()),
                  new ImageIoDecoder())
              .augmentation(Augmentation.builder().build())
              .projection(head, 1)
              .normalize(normalized)
              .optimizer(Optimizer.sgd(0), 1, Schedule.constant())
              .poolingParameters(1, 1e-3, 1000)
              .epochs(1)
              .build()
              .fit();
      Map<String, float[]> after =
          everything(
              backbone,
              report.model().projection().orElseThrow(),
              (DifferentiablePooling) report.model().pooling());
      assertThat(report.epochs().get(0).loss())
          .isCloseTo(value(backbone, before, loss, normalized), within(1e-4));
      double total = 0;
      for (Map.Entry<String, float[]> entry : before.entrySet()) {
        float[] old = entry.getValue();
        float[] changed = java.util.Objects.requireNonNull(after.get(entry.getKey()));
        float[] gradient = new float[old.length];
        for (int i = 0; i < old.length; i++) {
          gradient[i] = old[i] - changed[i];
        }
        double length = length(gradient);
        total += length;
        double difference =
            (value(
                        backbone,
                        along(before, entry.getKey(), gradient, STEP / length),
                        loss,
                        normalized)
                    - value(
                        backbone,
                        along(before, entry.getKey(), gradient, -STEP / length),
                        loss,
                        normalized))
                / (2 * STEP);
        assertThat(difference)
            .as("%s: slope along the gradient of %s", name, entry.getKey())
            .isCloseTo(length, within(0.02 * length + 2e-4));
      }
      assertThat(total).as("lengths of all gradients").isGreaterThan(0.01);
    }
  }

  private static Map<String, float[]> along(
      Map<String, float[]> values, String name, float[] direction, double factor) {
    Map<String, float[]> out = new LinkedHashMap<>(values);
    float[] moved = java.util.Objects.requireNonNull(values.get(name)).clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (factor * direction[i]);
    }
    out.put(name, moved);
    return out;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void partsOfABatchAddUpToIt(String name, Loss loss, boolean normalized) throws Exception {
    List<Map<String, float[]>> results = new ArrayList<>();
    for (int perPass : new int[] {ROWS, 3, 1}) {
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        FineTuner.builder(backbone, SpocPooling.mean(), loss)
            .images(
                images, epoch -> List.of(IntStream.range(0, ROWS).toArray()), new ImageIoDecoder())
            .augmentation(Augmentation.builder().build())
            .projection(ProjectionHead.random(Trainings.CHANNELS, DIMENSION, 2), 1)
            .normalize(normalized)
            .optimizer(Optimizer.sgd(0), 1, Schedule.constant())
            .imagesPerPass(perPass)
            .epochs(1)
            .build()
            .fit();
        results.add(Trainings.values(backbone));
      }
    }
    for (Map<String, float[]> other : results.subList(1, 3)) {
      results
          .get(0)
          .forEach(
              (tensor, values) ->
                  assertThat(java.util.Objects.requireNonNull(other.get(tensor)))
                      .as("%s: %s", name, tensor)
                      .containsExactly(values, within(1e-4f)));
    }
  }
}
