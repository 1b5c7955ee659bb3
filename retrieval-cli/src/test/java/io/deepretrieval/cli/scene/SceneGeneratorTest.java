// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneGeneratorTest {
  private static final int SIZE = 72;

  @TempDir static Path set;

  private static List<Integer> progress;

  @BeforeAll
  static void draw() throws IOException {
    progress = new ArrayList<>();
    generator(7).writeOxford(set, progress::add);
  }

  private static SceneGenerator generator(long seed) {
    return SceneGenerator.builder()
        .seed(seed)
        .landmarks(12)
        .views(11)
        .distractors(6)
        .size(SIZE)
        .build();
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(
            directory.relativize(file).toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  private static List<String> names(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.endsWith(suffix))
          .map(n -> n.substring(0, n.length() - suffix.length()))
          .sorted()
          .toList();
    }
  }

  private static List<String> lines(String name) throws IOException {
    return Files.readAllLines(set.resolve("gt").resolve(name));
  }

  @Test
  void writesEveryImageAndFiveQueriesALandmark() throws IOException {
    assertThat(names(set.resolve("jpg"), ".jpg"))
        .hasSize(generator(7).images())
        .hasSize(12 * 11 + 6);
    assertThat(names(set.resolve("gt"), "_query.txt"))
        .hasSize(generator(7).queries())
        .hasSize(60)
        .allMatch(n -> n.matches("[a-z_]+_[0-9]{2}_[1-5]"));
    assertThat(progress).hasSize(12 * 11 + 6).isSorted().last().isEqualTo(12 * 11 + 6);
  }

  @Test
  void queryLinesNameAImageAndABoxInsideIt() throws IOException {
    for (String query : names(set.resolve("gt"), "_query.txt")) {
      List<String> lines = lines(query + "_query.txt");
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0)).matches("oxc1_[a-z_0-9]+( [0-9]+\\.[0-9]){4}");
      String[] fields = lines.get(0).split(" ", -1);
      BufferedImage image = read(fields[0].substring("oxc1_".length()));
      double x1 = Double.parseDouble(fields[1]);
      double y1 = Double.parseDouble(fields[2]);
      double x2 = Double.parseDouble(fields[3]);
      double y2 = Double.parseDouble(fields[4]);
      assertThat(x1).isNotNegative().isLessThan(x2);
      assertThat(y1).isNotNegative().isLessThan(y2);
      assertThat(x2).isLessThanOrEqualTo(image.getWidth());
      assertThat(y2).isLessThanOrEqualTo(image.getHeight());
    }
  }

  @Test
  void everyViewIsInOneListAndTheQueryItselfIsGood() throws IOException {
    for (String query : names(set.resolve("gt"), "_query.txt")) {
      String landmark = query.substring(0, query.length() - 2);
      List<String> good = lines(query + "_good.txt");
      List<String> all = new ArrayList<>(good);
      all.addAll(lines(query + "_ok.txt"));
      all.addAll(lines(query + "_junk.txt"));
      assertThat(all).hasSize(11).doesNotHaveDuplicates().allMatch(n -> n.startsWith(landmark));
      assertThat(good).contains(lines(query + "_query.txt").get(0).split(" ", -1)[0].substring(5));
    }
  }

  @Test
  void someViewsAreOkAndSomeAreJunk() throws IOException {
    int ok = 0;
    int junk = 0;
    for (String query : names(set.resolve("gt"), "_1_query.txt")) {
      ok += lines(query + "_1_ok.txt").size();
      junk += lines(query + "_1_junk.txt").size();
    }
    // One view of each landmark is meant as ok and one as junk; a few come out otherwise.
    assertThat(ok).isBetween(8, 16);
    assertThat(junk).isBetween(8, 16);
  }

  @Test
  void imagesHaveTheLongerSideThatWasAskedFor() throws IOException {
    Set<String> shapes = new HashSet<>();
    for (String name : names(set.resolve("jpg"), ".jpg")) {
      BufferedImage image = read(name);
      assertThat(Math.max(image.getWidth(), image.getHeight())).isEqualTo(SIZE);
      shapes.add(image.getWidth() + "x" + image.getHeight());
    }
    assertThat(shapes).hasSizeGreaterThan(2);
  }

  @Test
  void sameSeedGivesTheSameBytes(@TempDir Path again) throws IOException {
    generator(7).writeOxford(again, n -> {});
    assertThat(contents(again)).isEqualTo(contents(set));
  }

  @Test
  void otherSeedSharesNoImage(@TempDir Path other) throws IOException {
    generator(8).writeOxford(other, n -> {});
    Set<String> bytes = new HashSet<>(contents(other.resolve("jpg")).values());
    bytes.retainAll(contents(set.resolve("jpg")).values());
    assertThat(bytes).isEmpty();
  }

  @Test
  void moreLandmarksDoNotChangeTheFirst(@TempDir Path other) throws IOException {
    SceneGenerator.builder()
        .seed(7)
        .landmarks(1)
        .views(5)
        .distractors(2)
        .size(SIZE)
        .build()
        .writeOxford(other, n -> {});
    Map<String, String> all = contents(set.resolve("jpg"));
    assertThat(contents(other.resolve("jpg")))
        .hasSize(7)
        .allSatisfy((name, bytes) -> assertThat(all).containsEntry(name, bytes));
  }

  @Test
  void rejectsOptionsThatAreTooSmall() {
    SceneGenerator.Builder builder = SceneGenerator.builder();
    assertThatThrownBy(() -> builder.landmarks(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("landmarks must be at least 1 but was 0");
    assertThatThrownBy(() -> builder.views(4)).hasMessage("views must be at least 5 but was 4");
    assertThatThrownBy(() -> builder.distractors(-1))
        .hasMessage("distractors must be at least 0 but was -1");
    assertThatThrownBy(() -> builder.size(31)).hasMessage("size must be at least 32 but was 31");
  }

  private static BufferedImage read(String name) throws IOException {
    return ImageIO.read(set.resolve("jpg").resolve(name + ".jpg").toFile());
  }
}
