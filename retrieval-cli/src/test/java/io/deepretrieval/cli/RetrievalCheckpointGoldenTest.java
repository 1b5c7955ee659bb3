// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Backbone;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.LinearMap;
import io.deepretrieval.RgbImage;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.DimensionCut;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole checkpoints that torch wrote, beside the vectors that torch gives for them. */
class RetrievalCheckpointGoldenTest {
  /** Absolute, of values up to 0.6 of vectors of length 1: float sums in another order. */
  private static final double TOLERANCE = 2e-5;

  private static final ImageDecoder DECODER = new ImageIoDecoder();

  @TempDir Path directory;

  private Path resource(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream in = open(name)) {
        Files.copy(in, file);
      }
    }
    return file;
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(
        RetrievalCheckpointGoldenTest.class.getResourceAsStream("/checkpoints/" + name), name);
  }

  /** The image of {@code benchmarks/peers/checkpoints.py}. */
  private static RgbImage card() {
    int[] pixels = new int[97 * 129];
    for (int y = 0; y < 97; y++) {
      for (int x = 0; x < 129; x++) {
        int v = 7 * x + 13 * y + x * y;
        pixels[y * 129 + x] = (v % 256) << 16 | ((v + 29) % 256) << 8 | ((v + 58) % 256);
      }
    }
    return RgbImage.ofPacked(129, 97, pixels);
  }

  private static List<Double> golden(String name) throws IOException {
    String json;
    try (InputStream in = open("vectors.json")) {
      json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    Matcher matcher = Pattern.compile('"' + name + "\": \\[([^\\]]*)\\]").matcher(json);
    assertThat(matcher.find()).as(name).isTrue();
    List<Double> values = new ArrayList<>();
    for (String value : matcher.group(1).split(",", -1)) {
      values.add(Double.valueOf(value.strip()));
    }
    return values;
  }

  private static void assertVector(Descriptor found, String name) throws IOException {
    List<Double> expected = golden(name);
    assertThat(found.dimension()).isEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertThat((double) found.at(i))
          .as("%s, value %d", name, i)
          .isCloseTo(expected.get(i), within(TOLERANCE));
    }
  }

  private static DescriptorExtractor.Builder whitened(
      RetrievalCheckpoint checkpoint, LinearMap whitening) throws IOException {
    return checkpoint.extractor(checkpoint.backbone(1, 2), List.of(whitening), DECODER);
  }

  @ParameterizedTest
  @CsvSource({"cir-gem.pth, cir-gem", "cir-regional.pth, cir-regional", "dir.pt, dir"})
  void givesTheVectorOfTorch(String file, String name) throws IOException {
    try (DescriptorExtractor extractor =
        RetrievalCheckpoint.read(resource(file)).extractor(DECODER).build()) {
      assertVector(extractor.extract(card()), name);
    }
  }

  @ParameterizedTest
  @CsvSource({"cir-gem.pth, cir-gem, retrieval-SfM-120k", "dir.pt, dir, Landmarks_clean"})
  void givesTheWhitenedVectorOfTorch(String file, String name, String set) throws IOException {
    RetrievalCheckpoint checkpoint = RetrievalCheckpoint.read(resource(file));
    LinearMap whitening = checkpoint.whitening(set, false, 0.25);
    try (DescriptorExtractor extractor = whitened(checkpoint, whitening).build()) {
      Descriptor whitened = extractor.extract(card());
      assertVector(whitened, name + " " + set);
      assertThat(extractor.recipe().toString()).contains("fitted-on=" + set);
      // The first dimensions are those of the whole vector but for their length.
      try (DescriptorExtractor cut = whitened(checkpoint, whitening.cut(8)).build()) {
        Descriptor first = cut.extract(card());
        assertThat(first.dimension()).isEqualTo(8);
        assertThat((double) first.at(3) / first.at(0))
            .isCloseTo((double) whitened.at(3) / whitened.at(0), within(1e-4));
      }
    }
  }

  @Test
  void theRecipeSaysWhatWasDone() throws IOException {
    RetrievalCheckpoint gem = RetrievalCheckpoint.read(resource("cir-gem.pth"));
    LinearMap severalScales = gem.whitening("retrieval-SfM-120k", true, 0.25);
    try (DescriptorExtractor one = gem.extractor(DECODER).build();
        DescriptorExtractor several =
            whitened(gem, severalScales)
                .scales(List.of(1.0, 0.7071))
                .imageSize(100)
                .batch(1)
                .decodeThreads(2)
                .transform(new DimensionCut(256, 12))
                .build()) {
      assertThat(one.recipe().parts())
          .containsEntry("backbone", "alexnet")
          .containsEntry("layer", "relu5")
          .containsEntry("scales", "1.0")
          .containsEntry("transforms", "none");
      assertThat(Objects.requireNonNull(one.recipe().parts().get("pooling")))
          .startsWith("projected-direction of=(gem p=2.92) by=(whitening 256->256");
      // With a layer behind the pooling the mean over scales is the plain one.
      assertThat(several.recipe().parts()).containsEntry("scales", "1.0,0.7071");
      LinearTransform ms = LinearTransform.of(severalScales);
      assertThat(Objects.requireNonNull(several.recipe().parts().get("transforms")))
          .startsWith(ms.recipe() + " > ");
      assertThat(several.extract(card()).dimension()).isEqualTo(12);
    }
    RetrievalCheckpoint dir = RetrievalCheckpoint.read(resource("dir.pt"));
    try (DescriptorExtractor extractor =
        dir.extractor(DECODER).scales(List.of(1.0, 0.7071)).build()) {
      assertThat(extractor.recipe().parts())
          .containsEntry("scales", "1.0,0.7071 by power mean 3.0");
    }
    try (DescriptorExtractor extractor = dir.extractor(DECODER).build()) {
      assertThat(extractor.recipe().parts()).containsEntry("scales", "1.0");
    }
    RetrievalCheckpoint regional = RetrievalCheckpoint.read(resource("cir-regional.pth"));
    try (DescriptorExtractor extractor = regional.extractor(DECODER).build()) {
      assertThat(extractor.recipe().parts()).containsEntry("layer", "lwhiten");
    }
  }

  @Test
  void optionsAreChecked() throws IOException {
    RetrievalCheckpoint checkpoint = RetrievalCheckpoint.read(resource("dir.pt"));
    LinearMap whitening = checkpoint.whitening("Landmarks_clean", false, 0.25);
    assertThatThrownBy(() -> whitening.cut(17))
        .hasMessage("output dimension must be in [1, 16] but was 17");
    try (Backbone backbone = checkpoint.backbone(1, 2)) {
      DescriptorExtractor.Builder builder = checkpoint.extractor(backbone, List.of(), DECODER);
      assertThatThrownBy(() -> builder.scales(List.of()))
          .hasMessage("scales must be one or more numbers in (0, 8] but were []");
      LinearMap other = LinearMap.of("pca", "x", new float[2], new float[2], new float[1]);
      assertThatThrownBy(() -> checkpoint.extractor(backbone, List.of(other), DECODER))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("whitening x must take dimension 32 but takes 2");
    }
  }

  @Test
  void theNetworkAloneNeedsToBeAskedForLeniently() throws IOException {
    Options options = Options.of(Map.of("weights", resource("dir.pt").toString()));
    assertThatThrownBy(() -> Providers.backbones().get("resnet18").create(options))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("have unused [adpool.p]; RetrievalCheckpoint reads them");
    Providers.backbones().get("resnet18").create(options.with("strict", "false")).close();
  }
}
