// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.BackboneContract;
import io.deepretrieval.testkit.Randoms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxBackboneTest {
  @TempDir Path folder;

  @Nested
  class Spatial extends BackboneContract {
    @Override
    protected Backbone open() throws Exception {
      return OnnxBackboneTest.this.open(OnnxFiles.conv());
    }
  }

  @Nested
  class Tokens extends BackboneContract {
    @Override
    protected Backbone open() throws Exception {
      return OnnxBackboneTest.this.open(OnnxFiles.tokens(1));
    }

    @Override
    protected Optional<RgbImage> tooSmall() {
      return Optional.of(Randoms.ofSeed(1).image(9, 3));
    }
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("net.onnx"), bytes);
  }

  private Backbone open(byte[] bytes) throws IOException {
    return OnnxBackbone.builder(write(bytes)).preprocessing(Preprocessing.TORCH).threads(1).build();
  }

  /** The convolution and ReLU of the files by their definition. */
  private static float[] naive(RgbImage image, boolean relu) {
    float[] w = OnnxFiles.weights(288);
    int rows = image.height() / 4;
    int columns = image.width() / 4;
    float[] out = new float[6 * rows * columns];
    byte[] bytes = new byte[3 * image.width()];
    for (int y = 0; y < rows * 4; y++) {
      image.copyRowTo(y, bytes);
      for (int x = 0; x < columns * 4; x++) {
        for (int k = 0; k < 6; k++) {
          for (int c = 0; c < 3; c++) {
            double v =
                ((bytes[3 * x + c] & 0xFF) / 255.0 - Preprocessing.TORCH.mean().get(c))
                    / Preprocessing.TORCH.std().get(c);
            out[(y / 4 * columns + x / 4) * 6 + k] +=
                (float) (v * w[((k * 3 + c) * 4 + y % 4) * 4 + x % 4]);
          }
        }
      }
    }
    for (int i = 0; relu && i < out.length; i++) {
      out[i] = Math.max(0, out[i]);
    }
    return out;
  }

  @Test
  void mapIsThatOfTheDefinition() throws IOException {
    RgbImage image = Randoms.ofSeed(3).image(37, 22);
    try (Backbone backbone = open(OnnxFiles.conv())) {
      FeatureMap map = backbone.extract(image);
      assertThat(map.toString()).isEqualTo("FeatureMap[6,5,9]");
      assertThat(map.sharedValues()).containsExactly(naive(image, true), within(1e-3f));
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(6, 4));
      assertThat(backbone.spec().layer()).isEqualTo("r");
      assertThat(backbone.spec().name()).isEqualTo("onnx");
    }
  }

  @Test
  void patchTokensStandOnTheirGridWhateverStandsInFront() throws IOException {
    RgbImage image = Randoms.ofSeed(3).image(37, 22);
    for (int prefix : new int[] {1, 5}) {
      try (Backbone backbone = open(OnnxFiles.tokens(prefix))) {
        FeatureMap map = backbone.extract(image);
        assertThat(map.toString()).isEqualTo("FeatureMap[6,5,9]");
        assertThat(map.sharedValues()).containsExactly(naive(image, false), within(1e-3f));
        assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(6, 4));
      }
    }
  }

  @Test
  void refusesAnotherNumberOfTokens() throws IOException {
    Path file = write(OnnxFiles.tokens(2));
    RgbImage image = Randoms.ofSeed(3).image(8, 8);
    try (Backbone backbone = OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).build()) {
      assertThatThrownBy(() -> backbone.extract(image))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "ONNX file "
                  + file
                  + " must give [1,T,C] with T = 0, 1 or 5 + 2*2 for 8x8 in patches of 4 but gave"
                  + " [1, 6, 6]");
    }
    try (Backbone backbone =
        OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).prefixTokens(2).build()) {
      assertThat(backbone.extract(image).toString()).isEqualTo("FeatureMap[6,2,2]");
    }
  }

  @Test
  void opensByItsMetadataAlone() throws IOException {
    OnnxMetadata metadata = new OnnxMetadata("tiny", "r", 4, Preprocessing.CAFFE);
    Path file =
        write(
            OnnxFiles.model(
                OnnxFiles.convGraph(
                    OnnxFiles.floats("w", OnnxFiles.weights(288), 6, 3, 4, 4), -2, -3),
                17,
                metadata.entries()));
    try (Backbone backbone = OnnxBackbone.builder(file).threads(2).build()) {
      assertThat(backbone.spec().name()).isEqualTo("tiny");
      assertThat(backbone.spec().preprocessing()).isEqualTo(Preprocessing.CAFFE);
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(6, 4));
    }
  }

  @Test
  void fixedSizeRefusesOthers() throws IOException {
    Path file =
        write(
            OnnxFiles.model(
                OnnxFiles.convGraph(
                    OnnxFiles.floats("w", OnnxFiles.weights(288), 6, 3, 4, 4), 16, 32),
                17,
                Map.of()));
    try (Backbone backbone = OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).build()) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(6, 4));
      assertThatThrownBy(() -> backbone.extract(Randoms.ofSeed(1).image(16, 32)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "image must have the fixed size 32x16 of ONNX file " + file + " but was 16x32");
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path file = write(OnnxFiles.conv());
    assertThatThrownBy(() -> OnnxBackbone.builder(file).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ONNX file " + file + " does not say its preprocessing: the option must say it");
    assertThatThrownBy(() -> OnnxBackbone.builder(file).output("z").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ONNX file " + file + " has no output 'z', it has r FLOAT[?, 6, ?, ?]");
    assertThatThrownBy(() -> OnnxBackbone.builder(file).device("gpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("device must be cpu, cuda or cuda:N but was 'gpu'");
  }

  @Test
  void cudaWithTheCpuArtifactIsOneClearLine() throws IOException {
    Path file = write(OnnxFiles.conv());
    assertThatThrownBy(
            () ->
                OnnxBackbone.builder(file)
                    .preprocessing(Preprocessing.UNIT)
                    .device("cuda:1")
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "device cuda:1 must have com.microsoft.onnxruntime:onnxruntime_gpu in place of")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void serviceLoaderFindsItAndTakesItsOptions() throws IOException {
    Path file = write(OnnxFiles.tokens(1));
    Options options =
        Options.of(
            Map.of(
                "weights",
                file.toString(),
                "layer",
                "r",
                "preprocessing",
                "unit",
                "patch",
                "4",
                "prefix-tokens",
                "1",
                "threads",
                "1",
                "device",
                "cpu"));
    try (Backbone backbone = Providers.backbones().get("onnx").create(options)) {
      assertThat(backbone.spec().preprocessing()).isEqualTo(Preprocessing.UNIT);
    }
    assertThatThrownBy(() -> Providers.backbones().get("onnx").create(Options.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backbone onnx must have the option weights");
  }
}
