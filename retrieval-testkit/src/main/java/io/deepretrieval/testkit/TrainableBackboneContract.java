// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Parameter;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link TrainableBackbone} must hold beyond {@link BackboneContract}. */
public abstract class TrainableBackboneContract extends BackboneContract {
  private static final long SEED = 21;

  /** Where the tests write files. */
  @TempDir Path directory;

  /** For subclasses. */
  protected TrainableBackboneContract() {}

  @Override
  protected abstract TrainableBackbone open() throws Exception;

  /**
   * Makes a backbone of weights that {@link TrainableBackbone#save} wrote.
   *
   * @param file what was written
   * @return a new object, which the contract closes
   * @throws Exception if it cannot be made
   */
  protected abstract TrainableBackbone open(Path file) throws Exception;

  /**
   * Returns the name of the file that is saved, for implementations that look at its end.
   *
   * @return a file name
   */
  protected String fileName() {
    return "weights.bin";
  }

  /**
   * Returns how far a central difference may be off the gradient.
   *
   * @return a share of the larger of the two; 0.05 unless overridden, as float32 maps allow
   */
  protected double gradientTolerance() {
    return 0.05;
  }

  /**
   * Returns the parameters that are checked by central differences.
   *
   * @param all every parameter of the network
   * @return some of them; up to five from first to last unless overridden
   */
  protected List<Parameter> checked(List<Parameter> all) {
    List<Parameter> some = new ArrayList<>();
    int n = Math.min(5, all.size());
    for (int i = 0; i < n; i++) {
      some.add(all.get(n == 1 ? 0 : i * (all.size() - 1) / (n - 1)));
    }
    return some;
  }

  /**
   * Draws the images of a training step.
   *
   * @return two of one size
   */
  protected List<RgbImage> trainingImages() {
    Randoms random = Randoms.ofSeed(SEED);
    return List.of(random.image(side() + 16, side()), random.image(side() + 16, side()));
  }

  @Test
  void forwardEqualsExtract() throws Exception {
    try (TrainableBackbone backbone = open()) {
      List<FeatureMap> expected = backbone.extract(trainingImages());
      List<FeatureMap> maps = backbone.forward(trainingImages());
      assertThat(maps).hasSameSizeAs(expected);
      for (int i = 0; i < maps.size(); i++) {
        assertThat(maps.get(i)).hasToString(expected.get(i).toString());
        assertClose(maps.get(i).sharedValues(), expected.get(i).sharedValues(), 1e-4);
      }
    }
  }

  @Test
  void parametersAreNamedOnceAndAsLargeAsTheirShape() throws Exception {
    try (TrainableBackbone backbone = open()) {
      List<Parameter> parameters = backbone.parameters();
      assertThat(parameters).isNotEmpty();
      assertThat(parameters.stream().map(Parameter::name)).doesNotHaveDuplicates();
      for (Parameter parameter : parameters) {
        int size = parameter.shape().stream().reduce(1, (a, b) -> a * b);
        assertThat(parameter.values()).as(parameter.name()).hasSize(size);
        assertThat(parameter.gradient()).as(parameter.name()).hasSize(size).containsOnly(0f);
        assertThatThrownBy(() -> parameter.set(new float[size + 1]))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(backbone.parameters().stream().map(Parameter::name))
          .containsExactlyElementsOf(parameters.stream().map(Parameter::name).toList());
    }
  }

  @Test
  void valuesAreCopiesAndSetCopies() throws Exception {
    try (TrainableBackbone backbone = open()) {
      Parameter parameter = backbone.parameters().get(0);
      float[] original = parameter.values();
      parameter.values()[0] = 1234;
      assertThat(parameter.values()).isEqualTo(original);
      float[] mine = original.clone();
      parameter.set(mine);
      mine[0] = 1234;
      assertThat(parameter.values()).isEqualTo(original);
    }
  }

  @Test
  void extractSeesNewValuesAtOnceAndOldOnesAgain() throws Exception {
    try (TrainableBackbone backbone = open()) {
      RgbImage image = images().get(0);
      FeatureMap before = backbone.extract(image);
      Parameter parameter = backbone.parameters().get(0);
      float[] original = parameter.values();
      parameter.set(changed(original));
      assertThat(backbone.extract(image)).isNotEqualTo(before);
      parameter.set(original);
      assertThat(backbone.extract(image)).isEqualTo(before);
    }
  }

  @Test
  void backwardAgreesWithCentralDifferences() throws Exception {
    try (TrainableBackbone backbone = open()) {
      List<FeatureMap> upstream = step(backbone);
      for (Parameter parameter : checked(backbone.parameters())) {
        float[] gradient = parameter.gradient();
        float[] original = parameter.values();
        int entry = largest(gradient);
        double size = Math.max(Math.abs(original[entry]), rms(original));
        double best = Double.POSITIVE_INFINITY;
        double numeric = 0;
        // A step can straddle the kink of a ReLU or drown in rounding, so three sizes are tried.
        for (double step : new double[] {2e-2, 5e-3, 1e-3}) {
          double h = step * (size == 0 ? 1 : size);
          double up = loss(backbone, upstream, parameter, original, entry, h);
          double down = loss(backbone, upstream, parameter, original, entry, -h);
          double difference = (up - down) / (2 * h);
          if (Math.abs(difference - gradient[entry]) < best) {
            best = Math.abs(difference - gradient[entry]);
            numeric = difference;
          }
        }
        parameter.set(original);
        assertThat((double) gradient[entry])
            .as("d loss / d %s[%d] (seed %d)", parameter.name(), entry, SEED)
            .isNotZero()
            .isCloseTo(
                numeric,
                within(
                    gradientTolerance() * Math.max(Math.abs(numeric), Math.abs(gradient[entry]))));
      }
    }
  }

  @Test
  void backwardAddsUpUntilCleared() throws Exception {
    try (TrainableBackbone backbone = open()) {
      step(backbone);
      List<float[]> once = backbone.parameters().stream().map(Parameter::gradient).toList();
      step(backbone);
      List<Parameter> parameters = backbone.parameters();
      for (int p = 0; p < parameters.size(); p++) {
        float[] twice = once.get(p).clone();
        for (int i = 0; i < twice.length; i++) {
          twice[i] *= 2;
        }
        assertClose(parameters.get(p).gradient(), twice, 1e-4);
        parameters.get(p).clearGradient();
        assertThat(parameters.get(p).gradient()).containsOnly(0f);
      }
    }
  }

  @Test
  void backwardNeedsOneForward() throws Exception {
    try (TrainableBackbone backbone = open()) {
      List<FeatureMap> gradients = backbone.extract(trainingImages());
      assertThatThrownBy(() -> backbone.backward(gradients))
          .isInstanceOf(IllegalStateException.class);
      step(backbone);
      assertThatThrownBy(() -> backbone.backward(gradients))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void backwardRefusesGradientsOfAnotherShape() throws Exception {
    try (TrainableBackbone backbone = open()) {
      List<FeatureMap> maps = backbone.forward(trainingImages());
      assertThatThrownBy(() -> backbone.backward(maps.subList(0, 1)))
          .isInstanceOf(IllegalArgumentException.class);
      FeatureMap map = maps.get(0);
      FeatureMap other =
          FeatureMap.ofOwned(
              map.channels(),
              map.height() + 1,
              map.width(),
              new float[map.channels() * (map.height() + 1) * map.width()]);
      assertThatThrownBy(() -> backbone.backward(List.of(other, maps.get(1))))
          .isInstanceOf(IllegalArgumentException.class);
      for (Parameter parameter : backbone.parameters()) {
        assertThat(parameter.gradient()).as(parameter.name()).containsOnly(0f);
      }
    }
  }

  @Test
  void forwardRefusesNoImageAndImagesOfSeveralSizes() throws Exception {
    try (TrainableBackbone backbone = open()) {
      assertThatThrownBy(() -> backbone.forward(List.of()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> backbone.forward(images()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void savedWeightsAreReadAgain() throws Exception {
    Path file = directory.resolve(fileName());
    Files.writeString(file, "what stood there before");
    RgbImage image = images().get(0);
    try (TrainableBackbone backbone = open()) {
      Parameter parameter = backbone.parameters().get(0);
      parameter.set(changed(parameter.values()));
      backbone.save(file);
      try (TrainableBackbone again = open(file)) {
        assertThat(again.extract(image)).isEqualTo(backbone.extract(image));
        assertThat(again.spec().weightsSha256())
            .as("same weights, same hash")
            .isEqualTo(backbone.spec().weightsSha256());
      }
    }
    assertThat(filesThere()).containsExactly(file);
  }

  @Test
  void saveThatFailsLeavesNothing() throws Exception {
    // A directory that is not empty cannot be replaced by a file, whatever the rights.
    Path file = directory.resolve(fileName());
    Files.createDirectory(file);
    Files.writeString(file.resolve("content"), "stays");
    try (TrainableBackbone backbone = open()) {
      assertThatThrownBy(() -> backbone.save(file)).isInstanceOf(IOException.class);
    }
    assertThat(filesThere()).containsExactly(file);
    assertThat(file.resolve("content")).hasContent("stays");
  }

  @Test
  void trainingAfterCloseIsRefused() throws Exception {
    TrainableBackbone backbone = open();
    List<FeatureMap> maps = backbone.forward(trainingImages());
    backbone.close();
    assertThatThrownBy(() -> backbone.forward(trainingImages()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> backbone.backward(maps)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> backbone.save(directory.resolve(fileName())))
        .isInstanceOf(IllegalStateException.class);
    assertThat(filesThere()).isEmpty();
  }

  /** Runs forward and backward with the loss Σ u·map, u seeded. */
  private List<FeatureMap> step(TrainableBackbone backbone) {
    Randoms random = Randoms.ofSeed(SEED + 1);
    List<FeatureMap> upstream = new ArrayList<>();
    for (FeatureMap map : backbone.forward(trainingImages())) {
      upstream.add(random.signedMap(map.channels(), map.height(), map.width()));
    }
    backbone.backward(upstream);
    return upstream;
  }

  private double loss(
      TrainableBackbone backbone,
      List<FeatureMap> upstream,
      Parameter parameter,
      float[] original,
      int entry,
      double step) {
    float[] values = original.clone();
    values[entry] = (float) (values[entry] + step);
    parameter.set(values);
    List<FeatureMap> maps = backbone.extract(trainingImages());
    double sum = 0;
    for (int i = 0; i < maps.size(); i++) {
      float[] map = maps.get(i).sharedValues();
      float[] u = upstream.get(i).sharedValues();
      for (int j = 0; j < map.length; j++) {
        sum += (double) map[j] * u[j];
      }
    }
    return sum;
  }

  private static float[] changed(float[] values) {
    float[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] = 1.25f * out[i] + 0.01f;
    }
    return out;
  }

  private static int largest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (Math.abs(values[i]) > Math.abs(values[best])) {
        best = i;
      }
    }
    return best;
  }

  private static double rms(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  private static void assertClose(float[] actual, float[] expected, double share) {
    assertThat(actual).hasSameSizeAs(expected);
    double scale = Math.abs(expected[largest(expected)]);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("value %d", i)
          .isCloseTo(expected[i], within(share * scale));
    }
  }

  private List<Path> filesThere() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
