// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ground truth that the makers of the sets published, with empty files for images. */
final class RealGroundTruthTest {
  @TempDir Path root;

  /** The data set of a real file; its images are empty files. */
  static RetrievalDataSet read(Path root, String name, String ending) throws IOException {
    Path real = SharedFiles.require("data/groundtruth/gnd_" + name + ending);
    Files.copy(real, root.resolve("gnd_" + name + ending));
    boolean revisited = name.startsWith("r");
    List<String> lists = revisited ? List.of("easy", "hard", "junk") : List.of("ok", "junk");
    IndexedTruth truth = IndexedTruth.read(root, "gnd_" + name, lists);
    Set<String> names = new LinkedHashSet<>();
    truth.images().forEach(image -> names.add(image + ".jpg"));
    truth.queries().forEach(query -> names.add(query.image() + ".jpg"));
    TruthFiles.touch(root.resolve("jpg"), names);
    return DataSets.read(name, root);
  }

  private static int sum(List<Query> queries, Function<Judgments, Set<String>> part) {
    return queries.stream().mapToInt(query -> part.apply(query.judgments()).size()).sum();
  }

  @ParameterizedTest
  @CsvSource({"oxford5k,5063,2840,1495,6,221", "paris6k,6392,8955,8245,51,289"})
  void classicSetsHaveThePublishedCounts(
      String name, int images, int ok, int junk, int fewest, int most) throws IOException {
    RetrievalDataSet set = read(root, name, ".mat");
    assertThat(set.database()).hasSize(images);
    assertThat(set.queries()).hasSize(55);
    assertThat(set.queriesInDatabase()).isEqualTo(55);
    assertThat(sum(set.queries(), Judgments::positives)).isEqualTo(ok);
    assertThat(sum(set.queries(), Judgments::junk)).isEqualTo(junk);
    assertThat(set.queries())
        .allSatisfy(
            query -> {
              assertThat(query.judgments().good()).contains(query.image().id());
              assertThat(query.judgments().good()).hasSizeBetween(fewest, most);
              assertThat(query.box()).isPresent();
            });
    assertThat(set.protocols()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"roxford5k,4993,3029,2497,1356,68", "rparis6k,6322,6874,10350,7153,70"})
  void revisitedSetsHaveThePublishedCounts(
      String name, int images, int easy, int hard, int junk, int easyQueries) throws IOException {
    RetrievalDataSet set = read(root, name, ".pkl");
    assertThat(set.database()).hasSize(images);
    assertThat(set.queries()).hasSize(70);
    assertThat(set.queriesInDatabase()).isZero();
    assertThat(set.protocols())
        .extracting(Protocol::name)
        .containsExactly("medium", "hard", "easy");
    List<Query> medium = set.protocols().get(0).queries();
    assertThat(sum(medium, Judgments::good)).isEqualTo(easy);
    assertThat(sum(medium, Judgments::ok)).isEqualTo(hard);
    assertThat(sum(medium, Judgments::junk)).isEqualTo(junk);
    List<Query> hardOnly = set.protocols().get(1).queries();
    assertThat(sum(hardOnly, Judgments::positives)).isEqualTo(hard);
    assertThat(sum(hardOnly, Judgments::junk)).isEqualTo(junk + easy);
    List<Query> easyOnly = set.protocols().get(2).queries();
    assertThat(sum(easyOnly, Judgments::positives)).isEqualTo(easy);
    assertThat(sum(easyOnly, Judgments::junk)).isEqualTo(junk + hard);
    assertThat(easyOnly.stream().filter(query -> query.judgments().hasPositives()))
        .hasSize(easyQueries);
  }

  /** The reader through the library against a reader of a hundred lines. */
  @ParameterizedTest
  @CsvSource({"roxford5k", "rparis6k"})
  void pickleIsReadAsANaiveReaderReadsIt(String name) throws IOException {
    Path real = SharedFiles.require("data/groundtruth/gnd_" + name + ".pkl");
    Map<Object, Object> naive = PlainPickle.dict(PlainPickle.read(real));
    List<Object> images = PlainPickle.list(Objects.requireNonNull(naive.get("imlist")));
    IndexedTruth truth =
        IndexedTruth.read(
            Objects.requireNonNull(real.getParent()), "gnd_" + name, List.of("easy", "hard"));
    assertThat(truth.images()).isEqualTo(images);
    assertThat(truth.queries())
        .extracting(IndexedTruth.Asked::image)
        .isEqualTo(naive.get("qimlist"));
    List<Object> gnd = PlainPickle.list(Objects.requireNonNull(naive.get("gnd")));
    for (int i = 0; i < gnd.size(); i++) {
      Map<Object, Object> query = PlainPickle.dict(gnd.get(i));
      for (String list : List.of("easy", "hard")) {
        List<Object> names = new ArrayList<>();
        PlainPickle.list(Objects.requireNonNull(query.get(list)))
            .forEach(number -> names.add(images.get((Integer) number)));
        assertThat(new ArrayList<Object>(truth.queries().get(i).list(list))).isEqualTo(names);
      }
    }
  }

  @Test
  void classicAndRevisitedFilesAskTheSameBoxOfAllSouls() throws IOException {
    Path directory =
        Objects.requireNonNull(
            SharedFiles.require("data/groundtruth/gnd_oxford5k.mat").getParent());
    SharedFiles.require("data/groundtruth/gnd_roxford5k.pkl");
    IndexedTruth.Asked classic =
        IndexedTruth.read(directory, "gnd_oxford5k", List.of("ok")).queries().get(0);
    IndexedTruth.Asked revisited =
        IndexedTruth.read(directory, "gnd_roxford5k", List.of("easy")).queries().get(0);
    assertThat(classic.image()).isEqualTo("all_souls_000013").isEqualTo(revisited.image());
    assertThat(classic.box()).isEqualTo(revisited.box());
  }
}
