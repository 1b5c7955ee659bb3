// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.Jvm;
import io.deepretrieval.testkit.SmallDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a store when something goes wrong. {@code -Dsoak} kills 200 times, not 10. */
class StoreFaultTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "toy"));

  @TempDir Path temp;

  private static Descriptor vector(float... values) {
    return Descriptor.copyOf(values, RECIPE);
  }

  private static DescriptorStore create(Path directory) throws IOException {
    return DescriptorStore.create(directory, RECIPE, Similarity.INNER_PRODUCT, 2);
  }

  private static List<String> filesOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * Changes a store at random until it is killed. The store tells how far it came: its id {@code
   * round} is upserted in each commit, with the number of the round. What round r does follows from
   * r alone, so that the test can do the same to a map.
   */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      try (DescriptorStore store = DescriptorStore.open(Path.of(args[0]))) {
        int round = Integer.parseInt(args[1]);
        while (true) {
          round++;
          Map<String, Float> changes = changes(round);
          for (Map.Entry<String, Float> change : changes.entrySet()) {
            if (Float.isNaN(change.getValue())) {
              store.remove(change.getKey());
            } else {
              store.upsert(change.getKey(), vector(change.getValue(), 1), Map.of("r", "" + round));
            }
          }
          store.upsert("round", vector(round, 0), Map.of("r", "" + round));
          if (round % 7 == 0) {
            store.compact();
          } else {
            store.commit();
          }
          System.out.println(round);
        }
      }
    }

    /** New values by id; not a number for a removal. */
    static Map<String, Float> changes(int round) {
      Random random = new Random(round);
      Map<String, Float> changes = new HashMap<>();
      for (int i = 0; i < 60; i++) {
        String id = "id" + random.nextInt(400);
        changes.put(id, random.nextInt(3) == 0 ? Float.NaN : random.nextInt(1000));
      }
      return changes;
    }
  }

  private static void apply(Map<String, Float> state, int from, int to) {
    for (int round = from + 1; round <= to; round++) {
      Writer.changes(round)
          .forEach(
              (id, value) -> {
                if (Float.isNaN(value)) {
                  state.remove(id);
                } else {
                  state.put(id, value);
                }
              });
      state.put("round", (float) round);
    }
  }

  @Test
  void aWriterKilledAtAnyMomentLosesNothingThatWasCommitted() throws Exception {
    int kills = System.getProperty("soak") == null ? 10 : 200;
    long seed = 20261123;
    Random random = new Random(seed);
    create(temp).close();
    Map<String, Float> expected = new HashMap<>();
    int reached = 0;
    for (int kill = 0; kill < kills; kill++) {
      String where = "seed " + seed + ", kill " + kill;
      int announced = reached;
      Process writer = Jvm.of(Writer.class, temp.toString(), "" + reached).quick().start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
        String line = out.readLine();
        // Most kills hit it at work, some while it opens.
        if (kill % 10 != 9) {
          // By what it has done, then by the clock: a slow machine must come as far.
          for (int rounds = random.nextInt(6); rounds > 0 && line != null; rounds--) {
            announced = Integer.parseInt(line.strip());
            line = out.readLine();
          }
          TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
        }
        // By its handle: Process.destroyForcibly would close the stream that is read below.
        writer.toHandle().destroyForcibly();
        for (; line != null; line = out.readLine()) {
          announced = Integer.parseInt(line.strip());
        }
      }
      assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();
      try (StoreReader reader = StoreReader.open(temp, 1)) {
        int round = reader.descriptor("round").map(d -> (int) d.at(0)).orElse(0);
        // The last commit may be durable before it was announced.
        assertThat(round).as(where).isBetween(announced, announced + 1);
        apply(expected, reached, round);
        reached = round;
        assertThat(new HashSet<>(reader.ids())).as(where).isEqualTo(expected.keySet());
        assertThat(reader.ids()).as(where).hasSize(expected.size());
        reader.forEach(
            (id, descriptor, metadata) ->
                assertThat(descriptor.at(0)).as(where + ", " + id).isEqualTo(expected.get(id)));
      }
      try (DescriptorStore store = DescriptorStore.open(temp)) {
        StoreReport report = store.verify();
        assertThat(report.damages()).as(where).isEmpty();
        assertThat(report.orphans()).as(where).isEmpty();
        assertThat(report.vectors()).as(where).isEqualTo(expected.size());
      }
    }
    assertThat(reached).isGreaterThan(kills);
  }

  @Test
  void everyFlippedByteIsFoundNamedAndNeverAnswered() throws IOException {
    int dimension = 33;
    try (DescriptorStore store =
        DescriptorStore.create(temp, RECIPE, Similarity.INNER_PRODUCT, dimension)) {
      for (int i = 0; i < 32; i++) {
        float[] values = new float[dimension];
        values[0] = i;
        store.add("v" + i, vector(values), i % 5 == 0 ? Map.of("k", "v") : Map.of());
      }
      store.commit();
      store.add("late", vector(new float[dimension]));
      store.remove("v3");
      store.commit();
    }
    Descriptor query = vector(filled(dimension));
    SearchRequest all = SearchRequest.top(1000);
    List<SearchHit> hits;
    try (StoreReader reader = StoreReader.open(temp, 1)) {
      hits = reader.search(query, all).hits();
    }
    int flipped = 0;
    for (String name : filesOf(temp)) {
      if (name.equals("lock")) {
        continue; // Carries no state.
      }
      Path file = temp.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < whole.length; i++) {
        byte[] damaged = whole.clone();
        damaged[i] ^= (byte) (1 << (i % 8));
        Files.write(file, damaged);
        StoreReport report = DescriptorStore.verify(temp);
        int at = i;
        assertThat(report.damages()).as(name + ", byte " + i).hasSize(1);
        assertThat(report.damages().get(0))
            .as(name + ", byte " + i)
            .startsWith("store file " + file + " is damaged at byte ")
            .satisfies(text -> assertThat(offset(text)).isLessThanOrEqualTo(at));
        if (name.equals("segment-000001.rows") && i < 4 * 32 * dimension) {
          assertThat(offset(report.damages().get(0))).isEqualTo(i - i % 4096);
        }
        assertThatThrownBy(() -> searchAll(query))
            .as(name + ", byte " + i)
            .satisfiesAnyOf(
                e -> assertThat(e).isInstanceOf(CorruptStoreException.class),
                e ->
                    assertThat(e)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasCauseInstanceOf(CorruptStoreException.class))
            .hasMessageContaining(file.toString());
        flipped++;
      }
      Files.write(file, whole);
    }
    assertThat(flipped).isGreaterThan(5_000);
    try (StoreReader reader = StoreReader.open(temp, 1)) {
      assertThat(reader.search(query, all).hits()).isEqualTo(hits);
    }
  }

  private static float[] filled(int dimension) {
    float[] ones = new float[dimension];
    Arrays.fill(ones, 1);
    return ones;
  }

  private void searchAll(Descriptor query) throws IOException {
    try (StoreReader reader = StoreReader.open(temp, 1)) {
      fail("found " + reader.search(query, SearchRequest.top(1000)).hits().size());
    }
  }

  private static long offset(String text) {
    String tail = text.substring(text.indexOf(" at byte ") + 9);
    return Long.parseLong(tail.substring(0, tail.indexOf(':')));
  }

  @Test
  void shortenedAndMissingFilesAreNamed() throws IOException {
    try (DescriptorStore store = create(temp)) {
      store.add("a", vector(1, 0));
      store.commit();
      store.add("b", vector(1, 0));
      store.add("c", vector(1, 0));
      store.commit();
      store.remove("b");
      store.commit();
    }
    for (String name : filesOf(temp)) {
      if (name.equals("lock")) {
        continue;
      }
      Path file = temp.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1, whole.length + 1}) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThat(DescriptorStore.verify(temp).damages().get(0)).contains(file.toString());
        assertThatThrownBy(() -> DescriptorStore.open(temp))
            .isInstanceOf(CorruptStoreException.class)
            .hasMessageContaining(file.toString());
      }
      Files.delete(file);
      if (!name.equals("manifest")) {
        String missing = "store file is missing: " + file;
        assertThat(DescriptorStore.verify(temp).damages()).containsExactly(missing);
        assertThatThrownBy(() -> DescriptorStore.open(temp)).hasMessage(missing);
        assertThatThrownBy(() -> StoreReader.open(temp)).hasMessage(missing);
      }
      Files.write(file, whole);
    }
    assertThat(DescriptorStore.verify(temp).isSound()).isTrue();
  }

  @Test
  void damageStopsCompactionAndSnapshotAndLeavesTheStoreAsItIs() throws IOException {
    try (DescriptorStore store = create(temp.resolve("s"))) {
      store.add("a", vector(1, 0));
      store.commit();
      store.add("b", vector(1, 0));
      store.commit();
      Path file = temp.resolve("s/segment-000002.rows");
      byte[] whole = Files.readAllBytes(file);
      byte[] damaged = whole.clone();
      damaged[5] ^= 1;
      Files.write(file, damaged);
      assertThatThrownBy(store::compact)
          .isInstanceOf(CorruptStoreException.class)
          .hasMessageStartingWith(
              "store file " + file + " is damaged at byte 0: the block of 4096");
      assertThatThrownBy(() -> store.snapshot(temp.resolve("copy")))
          .hasMessageStartingWith(
              "store must be sound for a snapshot but store file " + file + " is damaged");
      assertThat(DescriptorStore.exists(temp.resolve("copy"))).isFalse();
      assertThat(filesOf(temp.resolve("s")))
          .containsExactly(
              "lock",
              "manifest",
              "segment-000001.info",
              "segment-000001.rows",
              "segment-000002.info",
              "segment-000002.rows");
      Files.write(file, whole);
      assertThat(store.verify().isSound()).isTrue();
    }
  }

  /** Commits more and more until a write fails, then says what is left. */
  static final class Filler {
    public static void main(String[] args) throws IOException {
      int n = 0;
      try (DescriptorStore store = DescriptorStore.open(Path.of(args[0]))) {
        while (true) {
          int before = store.size();
          for (int i = 0; i < 1000 + 10 * n; i++) {
            store.add("id" + (before + i), vector(before + i, 1));
          }
          try {
            store.commit();
          } catch (IOException e) {
            System.out.println("failed " + before + " " + e.getMessage());
            return;
          }
          n++;
        }
      }
    }
  }

  /** The size of a file is limited, which a write meets as it meets a full disk: with an error. */
  @Test
  void aCommitWithoutRoomFailsAndTheOldStateOpens() throws Exception {
    Path shell = Path.of("/bin/sh");
    Assumptions.assumeTrue(Files.isExecutable(shell), "needs a shell with ulimit");
    create(temp).close();
    // Beyond the limit the kernel sends SIGXFSZ, which a JVM ignores, and then fails the write.
    Process filler =
        Jvm.of(Filler.class, temp.toString())
            .quick()
            .options("-XX:-UsePerfData")
            .through(shell.toString(), "-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "-")
            .start();
    String said =
        new String(filler.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    filler.waitFor();
    Assumptions.assumeTrue(said.startsWith("failed "), "ulimit -f does not work here: " + said);
    checkWhatIsLeft(temp, said);
  }

  /** A real full file system, where the tests may mount one. */
  @Test
  void aFullDiskFailsTheCommitAndTheOldStateOpens() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(temp.resolve("disk"), 256);
    Assumptions.assumeTrue(mounted.isPresent(), "may not mount a tmpfs");
    try (SmallDisk disk = mounted.get()) {
      Path s = disk.directory().resolve("s");
      create(s).close();
      Process filler = Jvm.of(Filler.class, s.toString()).quick().start();
      String said =
          new String(filler.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(filler.waitFor()).isZero();
      assertThat(said).contains("No space left on device");
      checkWhatIsLeft(s, said);
    }
  }

  private static void checkWhatIsLeft(Path store, String said) throws IOException {
    int committed = Integer.parseInt(said.split(" ", 3)[1]);
    assertThat(committed).isPositive();
    // The failed commit itself has tidied up.
    assertThat(DescriptorStore.verify(store).orphans()).isEmpty();
    try (DescriptorStore again = DescriptorStore.open(store);
        StoreReader reader = StoreReader.open(store, 1)) {
      assertThat(again.size()).isEqualTo(committed);
      assertThat(again.verify().isSound()).isTrue();
      assertThat(reader.size()).isEqualTo(committed);
      assertThat(reader.descriptor("id" + (committed - 1))).contains(vector(committed - 1, 1));
      again.remove("id0");
      again.commit();
      assertThat(reader.refresh()).isTrue();
      assertThat(reader.size()).isEqualTo(committed - 1);
    }
  }

  @Test
  void aFailedCommitCanBeRepeated() throws IOException {
    Path s = temp.resolve("s");
    try (DescriptorStore store = create(s)) {
      store.add("a", vector(1, 0));
      store.commit();
      store.add("b", vector(2, 0));
      store.remove("a");
      // In the way of the new segment.
      Path obstacle = Files.createDirectories(s.resolve("segment-000002.info.tmp"));
      assertThatThrownBy(store::commit).isInstanceOf(IOException.class);
      assertThat(store.size()).isEqualTo(1);
      assertThat(store.contains("b")).isTrue();
      try (StoreReader reader = StoreReader.open(s, 1)) {
        assertThat(reader.ids()).containsExactly("a");
      }
      Files.delete(obstacle);
      store.commit();
      try (StoreReader reader = StoreReader.open(s, 1)) {
        assertThat(reader.ids()).containsExactly("b");
      }
      assertThat(store.verify().orphans()).isEmpty();
    }
  }

  @Test
  void eightReadersBesideTenThousandAddsSeeCommittedStatesOnly() throws Exception {
    int readers = 8;
    int adds = 10_000;
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService executor = Executors.newFixedThreadPool(readers);
    try (DescriptorStore store = create(temp);
        StoreReader shared = StoreReader.open(temp, 1)) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int r = 0; r < readers; r++) {
        boolean own = r % 2 == 0;
        running.add(
            executor.submit(
                () -> {
                  int seen = 0;
                  try (StoreReader mine = StoreReader.open(temp, 1)) {
                    StoreReader reader = own ? mine : shared;
                    boolean last;
                    do {
                      last = done.get();
                      reader.refresh();
                      seen = Math.max(seen, check(reader, own));
                    } while (!last);
                  }
                  return seen;
                }));
      }
      for (int i = 0; i < adds; i++) {
        store.add("n" + i, vector(i, 1));
        if (i % 50 == 49) {
          store.remove("n" + (i - 80));
          if (i % 1000 == 999) {
            store.compact();
          } else {
            store.commit();
          }
        }
      }
      done.set(true);
      for (Future<Integer> future : running) {
        assertThat(future.get()).isEqualTo(adds / 50 * 49 + 1);
      }
    } finally {
      done.set(true);
      executor.shutdownNow();
    }
  }

  /** A committed state has 50 of the last batch and 49 of each before: one of them was removed. */
  private static int check(StoreReader reader, boolean alone) {
    SearchResult result = reader.search(vector(1, 0), SearchRequest.top(100_000));
    List<SearchHit> hits = result.hits();
    if (hits.isEmpty()) {
      return 0;
    }
    assertThat(hits.size() % 49).isEqualTo(1);
    int older = hits.size() - 50;
    for (int h = 0; h < hits.size(); h++) {
      int fromEnd = hits.size() - 1 - h;
      int within = fromEnd % 49;
      int number =
          fromEnd >= older
              ? older / 49 * 50 + fromEnd - older
              : fromEnd / 49 * 50 + (within < 19 ? within : within + 1);
      assertThat(hits.get(h)).isEqualTo(new SearchHit("n" + number, number));
    }
    if (alone) {
      assertThat(reader.size()).isEqualTo(hits.size());
      SearchHit first = hits.get(0);
      assertThat(reader.descriptor(first.id())).contains(vector(first.score(), 1));
    }
    return hits.size();
  }
}
