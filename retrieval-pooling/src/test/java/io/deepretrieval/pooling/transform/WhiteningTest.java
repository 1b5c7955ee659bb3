// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Transform;
import io.deepretrieval.testkit.TransformContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhiteningTest {
  @TempDir private Path folder;

  /** Vectors with common mean and unequal spread, two each of an object. */
  private static float[][] vectors(int n, int d, long seed) {
    Random random = new Random(seed);
    float[][] out = new float[n][d];
    float[] object = new float[d];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        if (i % 2 == 0) {
          object[j] = (float) random.nextGaussian() * (1 + j);
        }
        out[i][j] = 3 + object[j] + 0.2f * (float) random.nextGaussian();
      }
    }
    return out;
  }

  private static Pca pca(float[][] vectors) {
    PcaTrainer trainer = new PcaTrainer(vectors[0].length);
    for (float[] vector : vectors) {
      trainer.add(vector);
    }
    return trainer.fit("made");
  }

  private static float[][] mapped(LinearTransform t, float[][] vectors) {
    float[][] out = new float[vectors.length][];
    for (int i = 0; i < vectors.length; i++) {
      out[i] = t.apply(Descriptor.copyOf(vectors[i])).toArray();
    }
    return out;
  }

  private static double[][] covariance(float[][] vectors) {
    int d = vectors[0].length;
    double[] mean = new double[d];
    for (float[] v : vectors) {
      for (int i = 0; i < d; i++) {
        mean[i] += v[i] / (double) vectors.length;
      }
    }
    double[][] out = new double[d][d];
    for (float[] v : vectors) {
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          out[i][j] += (v[i] - mean[i]) * (v[j] - mean[j]) / vectors.length;
        }
      }
    }
    return out;
  }

  @Nested
  class Contract extends TransformContract {
    @Override
    protected Transform transform() {
      return pca(vectors(100, 9, 1)).whitening(4);
    }
  }

  @Test
  void twoPointsHaveOneDirection() {
    Pca pca = pca(new float[][] {{1, 2}, {3, 2}});
    assertThat(pca.mean()).containsExactly(2, 2);
    assertThat(pca.eigenvalues()).containsExactly(new double[] {1, 0}, within(1e-12));
    assertThat(pca.dimension()).isEqualTo(2);
    assertThat(mapped(pca.projection(1), new float[][] {{5, 7}})[0]).containsExactly(3f);
    assertThatThrownBy(() -> pca.whitening(2))
        .hasMessage(
            "output dimension of a whitening without shrinkage must be at most 1 (the rank of the"
                + " 2 vectors it was fitted on) but was 2");
    assertThat(pca.whitening(2, 0.5, 0.1).outputDimension()).isEqualTo(2);
  }

  @Test
  void whiteningGivesTheUnitCovariance() {
    // more than one chunk of the trainer
    float[][] vectors = vectors(2600, 12, 2);
    double[][] covariance = covariance(mapped(pca(vectors).whitening(12), vectors));
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 12; j++) {
        assertThat(covariance[i][j]).isCloseTo(i == j ? 1 : 0, within(2e-3));
      }
    }
  }

  @Test
  void projectionKeepsTheEigenvaluesInOrder() {
    float[][] vectors = vectors(500, 8, 3);
    Pca pca = pca(vectors);
    double[][] covariance = covariance(mapped(pca.projection(5), vectors));
    for (int i = 0; i < 5; i++) {
      assertThat(covariance[i][i]).isCloseTo(pca.eigenvalues()[i], within(1e-3));
      assertThat(i == 0 || pca.eigenvalues()[i] <= pca.eigenvalues()[i - 1]).isTrue();
    }
  }

  @Test
  void powerGoesFromProjectionToWhitening() {
    float[][] vectors = vectors(500, 8, 4);
    Pca pca = pca(vectors);
    assertThat(mapped(pca.whitening(3, 0, 0), vectors)[7])
        .isEqualTo(mapped(pca.projection(3), vectors)[7]);
    float[] quarter = mapped(pca.whitening(3, 0.25, 0), vectors)[7];
    float[] plain = mapped(pca.projection(3), vectors)[7];
    for (int i = 0; i < 3; i++) {
      assertThat((double) quarter[i])
          .isCloseTo(plain[i] / Math.pow(pca.eigenvalues()[i], 0.25), within(1e-5));
    }
    // full shrinkage turns whitening into a scaled projection
    float[] shrunk = mapped(pca.whitening(3, 0.5, 1), vectors)[7];
    assertThat((double) shrunk[0] / plain[0]).isCloseTo(shrunk[2] / plain[2], within(1e-5));
  }

  @Test
  void fitDoesNotDependOnTheOrder() {
    float[][] vectors = vectors(1500, 6, 5);
    float[][] reversed = new float[vectors.length][];
    for (int i = 0; i < vectors.length; i++) {
      reversed[i] = vectors[vectors.length - 1 - i];
    }
    float[] a = mapped(pca(vectors).whitening(6), vectors)[3];
    float[] b = mapped(pca(reversed).whitening(6), vectors)[3];
    for (int i = 0; i < 6; i++) {
      assertThat(a[i]).isCloseTo(b[i], within(1e-4f));
    }
  }

  private static LearnedWhitening learned(float[][] vectors) {
    LearnedWhiteningTrainer trainer = new LearnedWhiteningTrainer(vectors[0].length);
    for (int i = 0; i < vectors.length; i++) {
      trainer.add(vectors[i]);
      if (i % 2 == 1) {
        trainer.addPair(vectors[i - 1], vectors[i]);
      }
    }
    return trainer.fit("made");
  }

  @Test
  void learnedWhiteningMakesDifferencesOfPairsWhite() {
    float[][] vectors = vectors(2000, 6, 6);
    LearnedWhitening whitening = learned(vectors);
    assertThat(whitening.jitter()).isZero();
    float[][] out = mapped(whitening.transform(), vectors);
    double[][] scatter = new double[6][6];
    for (int n = 0; n < out.length; n += 2) {
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          scatter[i][j] +=
              (double) (out[n][i] - out[n + 1][i]) * (out[n][j] - out[n + 1][j]) / 1000;
        }
      }
    }
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        assertThat(scatter[i][j]).isCloseTo(i == j ? 1 : 0, within(5e-3));
      }
    }
    assertThat(whitening.transform(2).outputDimension()).isEqualTo(2);
  }

  @Test
  void pairsThatDoNotDifferInSomeDirectionNeedJitterAndSaySo() {
    float[][] vectors = vectors(200, 5, 7);
    for (int i = 1; i < vectors.length; i += 2) {
      vectors[i][4] = vectors[i - 1][4];
    }
    LearnedWhitening whitening = learned(vectors);
    assertThat(whitening.jitter()).isBetween(1e-10, 1e-3);
    assertThat(whitening.transform().recipe()).contains("jitter=" + whitening.jitter());
  }

  @Test
  void badFitsAreRefused() {
    PcaTrainer trainer = new PcaTrainer(3);
    trainer.add(new float[] {1, 2, 3});
    assertThatThrownBy(() -> trainer.fit("one"))
        .hasMessage("vectors for a PCA must number at least 2 but numbered 1");
    assertThatThrownBy(() -> trainer.add(new float[2]))
        .hasMessage("vector dimension must be 3 but was 2");
    assertThatThrownBy(() -> trainer.add(new float[] {1, Float.NaN, 3}))
        .hasMessage("vector must be finite but value 1 was NaN");
    trainer.add(Descriptor.copyOf(new float[] {1, 2, 3}));
    assertThatThrownBy(() -> trainer.fit("same").whitening(1))
        .hasMessage("vectors that a whitening is fitted on must differ but all 2 were equal");
    assertThatThrownBy(() -> trainer.fit("a;b").projection(1))
        .hasMessage("data set name must be plain text without ; [ or ] but was 'a;b'");
    assertThatThrownBy(() -> new PcaTrainer(0))
        .hasMessage("dimension must be at least 1 but was 0");
    assertThatThrownBy(() -> new LearnedWhiteningTrainer(2).fit("none"))
        .hasMessage("learned whitening must have at least 2 vectors and 1 pair but had 0 and 0");
    Pca pca = pca(vectors(10, 3, 8));
    assertThatThrownBy(() -> pca.projection(4))
        .hasMessage("output dimension must be in [1, 3] but was 4");
    assertThatThrownBy(() -> pca.whitening(1, 2, 0))
        .hasMessage("power must be in [0, 1] but was 2.0");
    assertThatThrownBy(() -> pca.whitening(1, 0.5, -1))
        .hasMessage("shrinkage must be in [0, 1] but was -1.0");
  }

  @Test
  void saysIfItIsTestedOnWhatItWasFittedOn() {
    LinearTransform t = pca(vectors(10, 3, 8)).whitening(2);
    assertThat(t.fittedOn()).isEqualTo("made");
    assertThat(t.isFittedOn("Made ")).isTrue();
    assertThat(t.isFittedOn("other")).isFalse();
  }

  @Test
  void fileGivesTheSameTransform() throws IOException {
    LinearTransform t = pca(vectors(50, 7, 9)).whitening(3, 0.25, 0.1);
    Path file = folder.resolve("whitening.lin");
    t.write(file);
    t.write(file);
    LinearTransform again = LinearTransform.read(file);
    assertThat(again).isEqualTo(t).hasSameHashCodeAs(t).hasToString(t.toString());
    assertThat(again.recipe()).isEqualTo(t.recipe()).contains("fitted-on=made n=50");
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void everyFlippedByteAndEveryCutIsFound() throws IOException {
    Path file = folder.resolve("whitening.lin");
    pca(vectors(50, 4, 9)).whitening(2).write(file);
    byte[] good = Files.readAllBytes(file);
    Path bad = folder.resolve("bad.lin");
    for (int i = 0; i < good.length; i++) {
      byte[] flipped = good.clone();
      flipped[i] ^= 0x10;
      Files.write(bad, flipped);
      assertThatThrownBy(() -> LinearTransform.read(bad))
          .as("byte %d", i)
          .isInstanceOf(TransformFormatException.class)
          .hasMessageContaining("bad.lin");
      Files.write(bad, java.util.Arrays.copyOf(good, i));
      assertThatThrownBy(() -> LinearTransform.read(bad))
          .as("cut at %d", i)
          .isInstanceOf(TransformFormatException.class)
          .hasMessageContaining("bad.lin");
    }
  }

  @Test
  void layersOfACheckpointAreTakenAsTheyAre() {
    LinearTransform affine =
        LinearTransform.affine("fc", "sfm", new float[] {1, 2, 3, 4}, new float[] {10, 20});
    assertThat(affine.apply(Descriptor.copyOf(new float[] {1, 1})).toArray())
        .containsExactly(13, 27);
    assertThat(affine.cut(1).apply(Descriptor.copyOf(new float[] {1, 1})).toArray())
        .containsExactly(13);
    assertThat(affine.dotRow(1, new float[] {9, 1, 1}, 1)).isEqualTo(7);
    float[] back = new float[2];
    affine.projectBack(new float[] {1, 10}, back);
    assertThat(back).containsExactly(31, 42);
    LinearTransform centered =
        LinearTransform.centered("lw", "sfm", new float[] {1, 0}, new float[] {2, 3});
    assertThat(centered.apply(Descriptor.copyOf(new float[] {2, 1})).toArray()).containsExactly(5);
    assertThatThrownBy(() -> LinearTransform.affine("fc", "sfm", new float[3], new float[2]))
        .hasMessage("matrix of a transform 1->2 must have 2 values, at least 1, but had 3");
    assertThatThrownBy(
            () -> LinearTransform.centered("lw", "sfm", new float[] {Float.NaN}, new float[] {2}))
        .hasMessage("mean of a transform must be finite but value 0 was NaN");
    assertThatThrownBy(() -> affine.cut(3))
        .hasMessage("output dimension must be in [1, 2] but was 3");
    assertThat(List.of(affine)).doesNotContain(centered);
  }
}
