// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Pooling;
import io.deepretrieval.Recipe;
import io.deepretrieval.RgbImage;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.Jvm;
import io.deepretrieval.testkit.PatchBackbone;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageIndexerTest {
  private static final int CHANNELS = 4;

  @TempDir Path temp;

  /** The mean of each channel. */
  private static final class Means implements Pooling {
    @Override
    public String recipe() {
      return "means";
    }

    @Override
    public int dimension(int channels) {
      return channels;
    }

    @Override
    public float[] pool(FeatureMap map) {
      float[] means = new float[map.channels()];
      for (int c = 0; c < means.length; c++) {
        for (int y = 0; y < map.height(); y++) {
          for (int x = 0; x < map.width(); x++) {
            means[c] += map.at(c, y, x) / (map.height() * map.width());
          }
        }
      }
      return means;
    }
  }

  /** Image i of noise; every tenth is damaged. */
  private static RgbImage decode(ImageSource source) throws ImageDecodeException {
    int i = Integer.parseInt(source.name().substring(4));
    if (i % 10 == 3) {
      throw new ImageDecodeException(source.name(), "JPEG", "it ended\tearly", null);
    }
    byte[] bytes = new byte[3 * 16 * 16];
    new Random(i).nextBytes(bytes);
    return RgbImage.copyOf(16, 16, bytes);
  }

  private static DescriptorExtractor extractor(ImageDecoder decoder) {
    return DescriptorExtractor.builder(PatchBackbone.of(CHANNELS, 2), new Means(), decoder)
        .batch(4)
        .build();
  }

  private static List<ExtractionItem> items(int from, int to) {
    List<ExtractionItem> items = new ArrayList<>();
    for (int i = from; i < to; i++) {
      items.add(ExtractionItem.of("id" + i, ImageSource.of("file" + i, new byte[0])));
    }
    return items;
  }

  @Test
  void everyReadableImageIsIndexedAndTheOthersAreQuarantined() throws IOException {
    List<ImageIndexer.Progress> seen = new ArrayList<>();
    try (DescriptorExtractor extractor = extractor(ImageIndexerTest::decode)) {
      ImageIndexer indexer =
          ImageIndexer.builder(temp, extractor)
              .similarity(Similarity.L2)
              .commitEvery(7)
              .metadata(item -> Map.of("file", item.source().name()))
              .listener(seen::add)
              .build();
      List<ExtractionItem> items = new ArrayList<>(items(0, 30));
      items.addAll(items(0, 2));
      ImageIndexer.Outcome outcome = indexer.run(items);
      assertThat(outcome.progress()).isEqualTo(new ImageIndexer.Progress(32, 27, 2, 3));
      assertThat(outcome.recovered()).isZero();
      assertThat(outcome.failures()).extracting(f -> f.id()).containsExactly("id3", "id13", "id23");
      assertThat(seen).hasSize(32);
      assertThat(seen.get(31)).isEqualTo(outcome.progress());
      String reason = "cannot decode file3 (format JPEG): it ended\tearly";
      assertThat(indexer.quarantine()).hasSize(3).containsEntry("id3", reason);
      try (StoreReader reader = StoreReader.open(temp, 1)) {
        assertThat(reader.size()).isEqualTo(27);
        assertThat(reader.similarity()).isEqualTo(Similarity.L2);
        assertThat(reader.metadata("id5")).contains(Map.of("file", "file5"));
        Descriptor expected = extractor.extract(decode(ImageSource.of("file5", new byte[0])));
        assertThat(reader.descriptor("id5")).contains(expected);
      }
      ImageIndexer.Outcome again = indexer.run(items(0, 33));
      assertThat(again.progress()).isEqualTo(new ImageIndexer.Progress(33, 3, 30, 0));
      indexer.clearQuarantine();
      assertThat(indexer.quarantine()).isEmpty();
      assertThat(indexer.run(items(0, 33)).progress().quarantined()).isEqualTo(3);
    }
    assertThat(DescriptorStore.verify(temp).isSound()).isTrue();
  }

  @Test
  void whatWasExtractedBeforeAFailureIsNotExtractedAgain() throws IOException {
    AtomicInteger decoded = new AtomicInteger();
    boolean[] broken = {true};
    ImageDecoder decoder =
        source -> {
          decoded.incrementAndGet();
          return decode(source);
        };
    try (DescriptorExtractor extractor = extractor(decoder)) {
      ImageIndexer indexer =
          ImageIndexer.builder(temp, extractor)
              .commitEvery(8)
              .listener(
                  progress -> {
                    if (broken[0] && progress.indexed() == 21) {
                      throw new UnsupportedOperationException("stop");
                    }
                  })
              .build();
      assertThatThrownBy(() -> indexer.run(items(0, 50))).hasMessage("stop");
      try (StoreReader reader = StoreReader.open(temp, 1)) {
        assertThat(reader.size()).isEqualTo(16);
      }
      // Half a record: the process died while it was written.
      Files.write(
          temp.resolve("indexing.journal"), new byte[] {99, 0, 0, 0, 1}, StandardOpenOption.APPEND);
      broken[0] = false;
      ImageIndexer.Outcome outcome = indexer.run(items(0, 50));
      assertThat(outcome.recovered()).isEqualTo(5);
      assertThat(outcome.progress().indexed()).isEqualTo(45 - 21);
      try (StoreReader reader = StoreReader.open(temp, 1)) {
        assertThat(reader.size()).isEqualTo(45);
      }
      assertThat(decoded.get()).isLessThan(50 + 10);
    }
  }

  @Test
  void aJournalThatOutlivedItsCommitIsHarmless() throws IOException {
    try (DescriptorExtractor extractor = extractor(ImageIndexerTest::decode)) {
      ImageIndexer indexer = ImageIndexer.builder(temp, extractor).build();
      indexer.run(items(0, 2));
      try (IndexingJournal journal =
          IndexingJournal.open(
              temp, extractor.recipe(), CHANNELS, (id, descriptor, metadata) -> {})) {
        journal.append("id1", Descriptor.copyOf(new float[CHANNELS]), Map.of());
        journal.append("new", Descriptor.copyOf(new float[CHANNELS]), Map.of("k", "v"));
      }
      assertThat(indexer.run(List.of()).recovered()).isEqualTo(1);
      try (StoreReader reader = StoreReader.open(temp, 1)) {
        assertThat(reader.ids()).containsExactly("id0", "id1", "new");
        assertThat(reader.metadata("new")).contains(Map.of("k", "v"));
        assertThat(reader.descriptor("id1").orElseThrow().norm()).isGreaterThan(0.9);
      }
    }
  }

  @Test
  void aStoreOfAnotherRecipeIsRefused() throws IOException {
    DescriptorStore.create(temp, Recipe.NONE, Similarity.COSINE, CHANNELS).close();
    try (DescriptorExtractor extractor = extractor(ImageIndexerTest::decode)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageIndexer.builder(temp, extractor).build().run(items(0, 1)))
          .withMessage(
              "extractor must have the recipe [none] but has [" + extractor.recipe() + "]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageIndexer.builder(temp, extractor).commitEvery(0))
          .withMessage("commit interval must be at least 1 but was 0");
    }
  }

  /** Indexes and prints what it decodes and what is in the journal, until it is killed. */
  static final class Worker {
    public static void main(String[] args) throws IOException {
      ImageDecoder decoder =
          source -> {
            System.out.println("decoded " + source.name());
            return decode(source);
          };
      try (DescriptorExtractor extractor =
          DescriptorExtractor.builder(PatchBackbone.of(CHANNELS, 2), new Means(), decoder)
              .batch(1)
              .build()) {
        ImageIndexer.builder(Path.of(args[0]), extractor)
            .commitEvery(50)
            .listener(progress -> System.out.println("indexed " + progress.indexed()))
            .build()
            .run(items(0, 1000));
        System.out.println("done");
      }
    }
  }

  @Test
  void aKilledRunExtractsNothingTwice() throws Exception {
    long seed = 4;
    Random random = new Random(seed);
    int decoded = 0;
    int kills = 0;
    boolean done = false;
    while (!done) {
      Process worker = Jvm.of(Worker.class, temp.toString()).quick().start();
      int until = decoded + 60 + random.nextInt(200);
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          decoded += line.startsWith("decoded") ? 1 : 0;
          done |= line.equals("done");
          if (decoded == until) {
            worker.toHandle().destroyForcibly();
          }
        }
      }
      assertThat(worker.waitFor(1, TimeUnit.MINUTES)).isTrue();
      kills += done ? 0 : 1;
      assertThat(kills).as("seed " + seed).isLessThan(20);
    }
    assertThat(kills).isGreaterThan(1);
    // All once, and those that a kill caught between decoding and journal: at most the image in
    // the network and the one ahead.
    assertThat(decoded).as("seed " + seed).isBetween(1000, 1000 + 3 * kills);
    try (StoreReader reader = StoreReader.open(temp, 1)) {
      assertThat(reader.size()).isEqualTo(900);
    }
    assertThat(DescriptorStore.verify(temp).isSound()).isTrue();
  }
}
