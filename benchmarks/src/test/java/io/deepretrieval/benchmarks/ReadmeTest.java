// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Backbone;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import io.deepretrieval.benchmarks.scene.SceneGenerator;
import io.deepretrieval.dl4j.image.ImageIoDecoder;
import io.deepretrieval.index.ExactIndex;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README runs as it stands there. */
class ReadmeTest {
  @TempDir Path directory;

  private static List<SearchHit> search(List<Path> photos, Path question) throws IOException {
    // README begin
    Backbone backbone =
        Providers.backbones().get("resnet18").create(Options.of(Map.of("seed", "1")));
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(backbone, GemPooling.fixed(3), new ImageIoDecoder())
            .imageSize(1024)
            .build()) {
      IndexBuilder builder = ExactIndex.builder(Similarity.COSINE);
      for (Path photo : photos) {
        builder.add(photo.toString(), extractor.extract(ImageSource.of(photo)));
      }
      try (Index index = builder.build()) {
        Descriptor query = extractor.extract(ImageSource.of(question));
        return index.search(query, SearchRequest.top(10)).hits();
      }
    }
    // README end
  }

  @Test
  void findsAPhotoByItself() throws IOException {
    SceneGenerator.builder()
        .landmarks(1)
        .views(5)
        .distractors(0)
        .size(64)
        .build()
        .writeOxford(directory, done -> {});
    List<Path> photos;
    try (Stream<Path> files = Files.list(directory.resolve("jpg"))) {
      photos = files.sorted().toList();
    }
    assertThat(search(photos, photos.get(2)).get(0).id()).isEqualTo(photos.get(2).toString());
  }

  @Test
  void programIsTheOneInTheReadme() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("README.md"))) {
      root = Objects.requireNonNull(root.getParent(), "repository");
    }
    String source =
        Files.readString(
            root.resolve("benchmarks/src/test/java/io/deepretrieval/benchmarks/ReadmeTest.java"));
    String program =
        source.substring(
            source.indexOf("// README begin\n") + "// README begin\n".length(),
            source.indexOf("    // README end"));
    assertThat(Files.readString(root.resolve("README.md"))).contains(program.indent(-4).strip());
  }
}
