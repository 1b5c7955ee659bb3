// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets whose images are not all there: which are missing is told, all of them. */
final class MissingImagesTest {
  @TempDir Path root;

  private final List<String> missing = new ArrayList<>();

  private RetrievalDataSet read(String name) throws IOException {
    return DataSets.readDespiteMissing(name, root, Options.NONE, missing::add);
  }

  private void touch(String... files) throws IOException {
    TruthFiles.touch(root, List.of(files));
  }

  private void text(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** The first message is the one that the strict reader ends with. */
  private void assertFirstIsThatOfTheStrictReader(String name) {
    assertThatThrownBy(() -> DataSets.read(name, root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(missing.get(0));
  }

  @Test
  void groupsTellsEach() throws IOException {
    touch("jpg/a.jpg");
    text("list.tsv", "image\tgroup\trole\na\tg\tboth\nb\tg\tdatabase\nc.png\tg\tquery\n");
    RetrievalDataSet set = read("groups");
    assertThat(missing)
        .hasSize(2)
        .anyMatch(m -> m.startsWith(root.resolve("list.tsv") + ":3: image 'b' is missing: "))
        .anyMatch(m -> m.startsWith(root.resolve("list.tsv") + ":4: image 'c.png' is missing: "));
    assertFirstIsThatOfTheStrictReader("groups");
    assertThat(set.database()).extracting(DataSetImage::file).contains(root.resolve("jpg/b"));
    assertThat(set.queries()).hasSize(2);
  }

  @Test
  void oxfordTellsWhatItsTextFilesNameOnce() throws IOException {
    touch("jpg/all_souls_000000.jpg");
    text("gt/all_souls_1_query.txt", "oxc1_all_souls_000000 3 2 20 30\n");
    text("gt/all_souls_1_good.txt", "all_souls_000000\nall_souls_000001\n");
    text("gt/all_souls_1_ok.txt", "");
    text("gt/all_souls_1_junk.txt", "all_souls_000002\n");
    text("gt/all_souls_2_query.txt", "oxc1_all_souls_000001 3 2 20 30\n");
    text("gt/all_souls_2_good.txt", "all_souls_000001\n");
    text("gt/all_souls_2_ok.txt", "");
    text("gt/all_souls_2_junk.txt", "");
    RetrievalDataSet set = read("oxford5k");
    assertThat(missing).hasSize(2);
    assertFirstIsThatOfTheStrictReader("oxford5k");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("all_souls_000000", "all_souls_000001", "all_souls_000002");
    assertThat(set.database().get(1).file()).isEqualTo(root.resolve("jpg/all_souls_000001.jpg"));
  }

  @Test
  void zubudTellsItsQueries() throws IOException {
    touch("png-ZuBuD/object0001.view01.png", "1000city/qimage/qimg0001.JPG");
    text("zubud_groundtruth.txt", "TEST TRAIN\n1 1\n2 1\n3 1\n");
    assertThat(read("zubud").queries()).hasSize(3);
    assertThat(missing).hasSize(2).allMatch(m -> m.contains("image 'qimg000"));
    assertFirstIsThatOfTheStrictReader("zubud");
  }

  @Test
  void landmarksTellsIndexAndTest() throws IOException {
    String there = "abc0000000000001";
    String gone = "abc0000000000002";
    touch("index/a/b/c/" + there + ".jpg");
    text("index.csv", "id\n" + there + "\n" + gone + "\n");
    text("retrieval_solution_v2.1.csv", "id,images,Usage\nabc0000000000003," + gone + ",Public\n");
    RetrievalDataSet set = read("gldv2");
    assertThat(missing).hasSize(2);
    assertFirstIsThatOfTheStrictReader("gldv2");
    assertThat(set.database()).hasSize(2);
    assertThat(set.queries().get(0).image().file())
        .isEqualTo(root.resolve("test/a/b/c/abc0000000000003.jpg"));
  }

  @Test
  void distractorsTellTheirList() throws IOException {
    touch("revisitop1m/jpg/x.jpg");
    text("revisitop1m/revisitop1m.txt", "x.jpg\ny.jpg\n");
    assertThatThrownBy(() -> Distractors.read(root.resolve("revisitop1m"), MissingImages.REFUSED))
        .hasMessageContaining("revisitop1m.txt:2: image 'y.jpg' is missing");
    assertThat(
            Distractors.read(
                root.resolve("revisitop1m"),
                (expected, error) -> {
                  missing.add(String.valueOf(error.getMessage()));
                  return expected;
                }))
        .hasSize(2);
    assertThat(missing).hasSize(1);
  }

  @Test
  void whatElseIsWrongIsStillAnError() throws IOException {
    text("list.tsv", "image\tgroup\trole\na\tg\tnobody\n");
    assertThatThrownBy(() -> read("groups")).isInstanceOf(DataSetException.class);
    assertThatThrownBy(() -> read("unknown")).isInstanceOf(IllegalArgumentException.class);
  }
}
