// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Backbone;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Loss;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.cli.scene.SceneGenerator;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.index.ExactIndex;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.ProjectionHead;
import io.deepretrieval.train.Schedule;
import io.deepretrieval.train.TrainingReport;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.TripletLoss;
import io.deepretrieval.train.sampler.MPerClassSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs in the README run as they stand there. */
class ReadmeTest {
  @TempDir Path directory;

  private static List<SearchHit> search(List<Path> photos, Path question) throws IOException {
    // README begin 1
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
    // README end 1
  }

  private static List<SearchHit> trainAndSearch(Path folders, List<Path> photos, Path question)
      throws IOException {
    // README begin 2
    TrainableBackbone backbone =
        Providers.backbones().get("resnet18").createTrainable(Options.of(Map.of("seed", "1")));
    LabeledImages images = LabeledImages.ofFolders(folders); // one folder a class
    Loss loss = TripletLoss.builder().margin(0.3).build();
    TrainingReport report =
        FineTuner.builder(backbone, GemPooling.learnable(3), loss)
            .images(images, MPerClassSampler.of(images, 4, 3, 1), new ImageIoDecoder())
            .augmentation(Augmentation.builder().crop(0.6, 1).flip(0.5).size(96, 96).build())
            .projection(ProjectionHead.random(512, 128, 1), 10)
            .optimizer(Optimizer.adam(), 1e-4, Schedule.cosine().withWarmUp(1))
            .epochs(10)
            .build()
            .fit();
    try (DescriptorExtractor extractor = report.model().extractor(new ImageIoDecoder()).build()) {
      IndexBuilder builder = ExactIndex.builder(Similarity.COSINE);
      for (Path photo : photos) {
        builder.add(photo.toString(), extractor.extract(ImageSource.of(photo)));
      }
      try (Index index = builder.build()) {
        Descriptor query = extractor.extract(ImageSource.of(question));
        return index.search(query, SearchRequest.top(10)).hits();
      }
    }
    // README end 2
  }

  @Test
  void trainsAndFindsAPhotoByItself() throws IOException {
    SceneGenerator.builder()
        .landmarks(5)
        .views(6)
        .distractors(0)
        .size(96)
        .build()
        .writeFolders(directory, done -> {});
    List<Path> photos;
    try (Stream<Path> files = Files.walk(directory)) {
      photos = files.filter(Files::isRegularFile).sorted().toList();
    }
    List<SearchHit> hits = trainAndSearch(directory, photos, photos.get(3));
    assertThat(hits).hasSize(10);
    assertThat(hits.get(0).id()).isEqualTo(photos.get(3).toString());
    assertThat(program("2").lines().count()).as("lines").isLessThan(30);
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

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void programIsTheOneInTheReadme(String number) throws IOException {
    assertThat(Files.readString(Repository.file("README.md"))).contains(program(number));
  }

  private static String program(String number) throws IOException {
    String source =
        Files.readString(
            Repository.file("retrieval-cli/src/test/java/io/deepretrieval/cli/ReadmeTest.java"));
    String begin = "// README begin " + number + "\n";
    return source
        .substring(
            source.indexOf(begin) + begin.length(), source.indexOf("    // README end " + number))
        .indent(-4)
        .strip();
  }
}
