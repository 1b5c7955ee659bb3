// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorStoreTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "toy"));
  private static final Recipe OTHER = Recipe.of(Map.of("backbone", "other"));

  @TempDir Path temp;

  private static Descriptor vector(float... values) {
    return Descriptor.copyOf(values, RECIPE);
  }

  private DescriptorStore create(String name) throws IOException {
    return DescriptorStore.create(temp.resolve(name), RECIPE, Similarity.INNER_PRODUCT, 2);
  }

  private List<String> filesOf(String name) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve(name))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void committedDescriptorsAreFoundAgain() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
      store.add("ümläut / path.jpg", vector(0, 2));
      store.commit();
      store.add("c", vector(3, 3));
      store.commit();
      store.commit();
      assertThat(store.size()).isEqualTo(3);
    }
    assertThat(filesOf("s"))
        .containsExactly(
            "lock",
            "manifest",
            "segment-000001.ids",
            "segment-000001.rows",
            "segment-000002.ids",
            "segment-000002.rows");
    try (Index index = DescriptorStore.load(temp.resolve("s"))) {
      assertThat(index.recipe()).isEqualTo(RECIPE);
      assertThat(index.similarity()).isEqualTo(Similarity.INNER_PRODUCT);
      assertThat(index.search(vector(1, 1), SearchRequest.top(9)).hits())
          .containsExactly(
              new SearchHit("c", 6), new SearchHit("ümläut / path.jpg", 2), new SearchHit("a", 1));
      assertThat(index.descriptor("a")).contains(vector(1, 0));
    }
    try (DescriptorStore again = DescriptorStore.open(temp.resolve("s"))) {
      assertThat(again.contains("a")).isTrue();
      assertThat(again.contains("b")).isFalse();
      assertThat(again.recipe()).isEqualTo(RECIPE);
      again.add("d", vector(9, 9));
      again.commit();
    }
    try (Index index = DescriptorStore.load(temp.resolve("s"))) {
      assertThat(index.size()).isEqualTo(4);
    }
  }

  @Test
  void emptyStoreIsAnEmptyIndex() throws IOException {
    create("s").close();
    try (Index index = DescriptorStore.load(temp.resolve("s"))) {
      assertThat(index.size()).isZero();
      assertThat(index.search(vector(1, 1), SearchRequest.top(3)).hits()).isEmpty();
    }
  }

  @Test
  void uncommittedDescriptorsAreDropped() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
    }
    try (Index index = DescriptorStore.load(temp.resolve("s"))) {
      assertThat(index.size()).isZero();
    }
  }

  @Test
  void readersSeeTheLastCommitWhileAWriterWrites() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
      store.commit();
      store.add("b", vector(1, 0));
      try (Index index = DescriptorStore.load(temp.resolve("s"))) {
        assertThat(index.size()).isEqualTo(1);
      }
    }
  }

  @Test
  void refusesForeignAndRepeatedDescriptors() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
      assertThatThrownBy(() -> store.add("a", vector(1, 0)))
          .hasMessage("id must be new to the store but 'a' is in it");
      assertThatThrownBy(() -> store.add("b", vector(1, 0, 0)))
          .hasMessage("descriptor dimension must be 2 (this store) but was 3 (descriptor 'b')");
      assertThatThrownBy(() -> store.add("b", vector(1, 0).withRecipe(OTHER)))
          .hasMessage(
              "descriptor 'b' must have the recipe [backbone=toy] but has [backbone=other]");
      assertThat(store.size()).isEqualTo(1);
    }
    assertThatThrownBy(() -> create("s"))
        .hasMessage("store must be new but there is one in " + temp.resolve("s"));
    assertThatThrownBy(() -> DescriptorStore.open(temp.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(
            () -> DescriptorStore.create(temp.resolve("z"), RECIPE, Similarity.COSINE, 0))
        .hasMessage("dimension must be at least 1 but was 0");
  }

  @Test
  void closedStoreSaysSo() throws IOException {
    DescriptorStore store = create("s");
    store.close();
    store.close();
    assertThatThrownBy(() -> store.add("a", vector(1, 0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("store is closed: " + temp.resolve("s"));
    assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void secondWriterIsRefusedByTheNameOfTheFirst() throws IOException {
    try (DescriptorStore store = create("s")) {
      assertThatThrownBy(() -> DescriptorStore.open(temp.resolve("s")))
          .hasMessageStartingWith(
              "store "
                  + temp.resolve("s")
                  + " must have one writer but is open for writing by process "
                  + ProcessHandle.current().pid());
      assertThat(store.size()).isZero();
    }
    DescriptorStore.open(temp.resolve("s")).close();
  }

  @Test
  void whatAnInterruptedCommitLeftIsRemoved() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
      store.commit();
    }
    Path s = temp.resolve("s");
    Files.writeString(s.resolve("segment-000002.rows"), "half");
    Files.writeString(s.resolve("segment-000003.ids.tmp"), "half");
    Files.writeString(s.resolve("manifest.tmp"), "half");
    Files.writeString(s.resolve("mine.txt"), "not of the store");
    try (DescriptorStore store = DescriptorStore.open(s)) {
      store.add("b", vector(0, 1));
      store.commit();
    }
    assertThat(filesOf("s"))
        .containsExactly(
            "lock",
            "manifest",
            "mine.txt",
            "segment-000001.ids",
            "segment-000001.rows",
            "segment-000002.ids",
            "segment-000002.rows");
  }

  @Test
  void everyFlippedByteIsFoundAndItsFileNamed() throws IOException {
    try (DescriptorStore store = create("s")) {
      store.add("a", vector(1, 0));
      store.add("b", vector(0, 1));
      store.commit();
    }
    Path s = temp.resolve("s");
    int flipped = 0;
    for (String name : List.of("manifest", "segment-000001.rows", "segment-000001.ids")) {
      Path file = s.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < whole.length; i++) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) (1 << (i % 8));
        Files.write(file, damaged);
        assertThatThrownBy(() -> DescriptorStore.load(s))
            .as(name + ", byte " + i)
            .isInstanceOf(IOException.class)
            .hasMessageContaining(file.toString());
        flipped++;
      }
      Files.write(file, whole);
    }
    assertThat(flipped).isGreaterThan(100);
    Files.delete(s.resolve("segment-000001.ids"));
    assertThatThrownBy(() -> DescriptorStore.load(s))
        .hasMessage("store file is missing: " + s.resolve("segment-000001.ids"));
  }

  @Test
  void goldenStoreOfVersionOneIsRead() throws IOException, URISyntaxException {
    Path golden =
        Path.of(Objects.requireNonNull(getClass().getResource("/store-v1/manifest")).toURI())
            .getParent();
    try (Index index = DescriptorStore.load(Objects.requireNonNull(golden))) {
      assertThat(index.size()).isEqualTo(2);
      assertThat(index.recipe()).isEqualTo(RECIPE);
      assertThat(index.descriptor("a.jpg")).contains(vector(1, -0.5f));
      assertThat(index.descriptor("b/ü.png")).contains(vector(0.25f, 1024));
    }
  }

  /** Adds and commits until it is killed; prints each committed count. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      try (DescriptorStore store = DescriptorStore.open(Path.of(args[0]))) {
        while (true) {
          int n = store.size();
          for (int i = 0; i < 3; i++) {
            store.add("id" + (n + i), vector(n + i, 1));
          }
          store.commit();
          System.out.println(store.size());
        }
      }
    }
  }

  @Test
  void aKilledWriterLosesNothingThatWasCommitted() throws Exception {
    long seed = 20261123;
    Random random = new Random(seed);
    create("s").close();
    Path s = temp.resolve("s");
    int committed = 0;
    for (int round = 0; round < 6; round++) {
      Process writer =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  s.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
        List<String> seen = new ArrayList<>();
        seen.add(out.readLine());
        Thread.sleep(random.nextInt(60));
        // By its handle: Process.destroyForcibly would close the stream that is read below.
        writer.toHandle().destroyForcibly();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          seen.add(line);
        }
        committed = Integer.parseInt(seen.get(seen.size() - 1).strip());
      }
      assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();
      try (DescriptorStore reopened = DescriptorStore.open(s)) {
        assertThat(reopened.size())
            .as("round " + round + ", seed " + seed)
            .isBetween(committed, committed + 3);
        for (int i = 0; i < reopened.size(); i++) {
          assertThat(reopened.contains("id" + i)).isTrue();
        }
        committed = reopened.size();
      }
      assertThat(filesOf("s")).hasSize(2 + 2 * (committed / 3));
    }
    try (Index index = DescriptorStore.load(s)) {
      assertThat(index.size()).isEqualTo(committed);
      assertThat(index.descriptor("id1")).contains(vector(1, 1));
    }
  }
}
