// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OxfordReaderTest extends ReaderFixture {
  OxfordReaderTest() {
    super("oxford5k");
  }

  @BeforeEach
  void layout() throws IOException {
    for (int i = 0; i < 6; i++) {
      TestImages.write(root.resolve("jpg/all_souls_00000" + i + ".png"), 40, 30, 0x808080);
    }
    gt("all_souls_1_query.txt", "oxc1_all_souls_000000 3.5 2 20.25 30\n");
    gt("all_souls_1_good.txt", "all_souls_000003\nall_souls_000000\n");
    gt("all_souls_1_ok.txt", "all_souls_000001\n");
    gt("all_souls_1_junk.txt", "all_souls_000002\n");
    gt("all_souls_2_query.txt", "oxc1_all_souls_000004 0 0 40 30");
    gt("all_souls_2_good.txt", "all_souls_000004\n");
    gt("all_souls_2_ok.txt", "");
    gt("all_souls_2_junk.txt", "");
  }

  private void gt(String name, String text) throws IOException {
    Files.createDirectories(root.resolve("gt"));
    Files.writeString(root.resolve("gt").resolve(name), text);
  }

  private void assertTruthRefused(String file, String problem) {
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(root.resolve("gt").resolve(file) + problem);
  }

  @Test
  void queriesBoxesAndJudgmentsAreRead() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("oxford5k");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "all_souls_000000",
            "all_souls_000001",
            "all_souls_000002",
            "all_souls_000003",
            "all_souls_000004",
            "all_souls_000005");
    assertThat(set.queries()).hasSize(2);
    assertThat(set.queriesInDatabase()).isEqualTo(2);
    Query first = set.queries().get(0);
    assertThat(first.image().id()).isEqualTo("all_souls_000000");
    assertThat(first.box()).contains(new Box(3.5, 2, 20.25, 30));
    assertThat(first.judgments().good()).containsExactly("all_souls_000003", "all_souls_000000");
    assertThat(first.judgments().ok()).containsExactly("all_souls_000001");
    assertThat(first.judgments().junk()).containsExactly("all_souls_000002");
    assertThat(first.judgments().positives()).hasSize(3);
  }

  @Test
  void everythingMayLieFlatInTheRoot() throws IOException {
    RetrievalDataSet nested = read();
    for (String directory : new String[] {"jpg", "gt"}) {
      try (var files = Files.newDirectoryStream(root.resolve(directory))) {
        for (Path file : files) {
          Files.move(file, root.resolve(file.getFileName()));
        }
      }
      Files.delete(root.resolve(directory));
    }
    RetrievalDataSet flat = read();
    assertThat(flat.database())
        .extracting(DataSetImage::id)
        .isEqualTo(nested.database().stream().map(DataSetImage::id).toList());
    assertThat(flat.queries())
        .extracting(Query::judgments)
        .isEqualTo(nested.queries().stream().map(Query::judgments).toList());
  }

  @Test
  void lineEndsByteOrderMarkBlankLinesDotFilesAndRepeatedNamesAreTolerated() throws IOException {
    RetrievalDataSet plain = read();
    gt("all_souls_1_query.txt", "\uFEFF\r\n oxc1_all_souls_000000  3.5\t2 20.25 30 \r\n\r\n");
    gt("all_souls_1_good.txt", "all_souls_000003\r\n\r\nall_souls_000000\r\nall_souls_000003");
    gt("._all_souls_1_query.txt", "junk of a file manager");
    Files.writeString(root.resolve("jpg/._all_souls_000000.jpg"), "junk of a file manager");
    Files.writeString(root.resolve("jpg/readme.txt"), "no image");
    RetrievalDataSet damaged = read();
    assertThat(damaged.queries()).isEqualTo(plain.queries());
    assertThat(damaged.database()).isEqualTo(plain.database());
  }

  @Test
  void boxOverTheBorderIsKeptAsItIs() throws IOException {
    gt("all_souls_2_query.txt", "oxc1_all_souls_000004 10 10 41.5 30.5");
    assertThat(read().queries().get(1).box()).contains(new Box(10, 10, 41.5, 30.5));
  }

  @Test
  void boxBeyondTheImageIsRefused() throws IOException {
    gt("all_souls_2_query.txt", "\noxc1_all_souls_000004 45 5 50 30");
    assertTruthRefused(
        "all_souls_2_query.txt",
        ":2: box must overlap the image of 40x30 pixels but was 45.0,5.0,50.0,30.0");
  }

  @Test
  void queryImageThatCannotBeReadIsLeftToTheRun() throws IOException {
    Files.writeString(root.resolve("jpg/all_souls_000004.png"), "no image");
    gt("all_souls_2_query.txt", "oxc1_all_souls_000004 45 5 50 30");
    assertThat(read().queries()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20 2 3 30|box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was 20.0,2.0,3.0,30.0",
        "-1 2 3 30|box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was -1.0,2.0,3.0,30.0",
        "NaN 2 3 30|box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was NaN,2.0,3.0,30.0",
        "1 2 x 30|box must be x1,y1,x2,y2 but was '1,2,x,30'"
      })
  void boxThatIsNoneIsRefused(String box, String problem) throws IOException {
    gt("all_souls_2_query.txt", "oxc1_all_souls_000004 " + box);
    assertTruthRefused("all_souls_2_query.txt", ":1: " + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"oxc1_all_souls_000004 1 2 3", "a b c d e f"})
  void queryLineOfOtherFormIsRefused(String line) throws IOException {
    gt("all_souls_2_query.txt", line);
    assertTruthRefused(
        "all_souls_2_query.txt", ":1: line must be 'image x1 y1 x2 y2' but was '" + line + "'");
  }

  @Test
  void queryFileOfNoneOrTwoLinesIsRefused() throws IOException {
    gt("all_souls_2_query.txt", "");
    assertTruthRefused(
        "all_souls_2_query.txt", ": must have one line 'image x1 y1 x2 y2' but has 0");
    gt("all_souls_2_query.txt", "a 1 2 3 4\nb 1 2 3 4\n");
    assertTruthRefused(
        "all_souls_2_query.txt", ": must have one line 'image x1 y1 x2 y2' but has 2");
  }

  @Test
  void unknownNameInTheGroundTruthIsRefused() throws IOException {
    gt("all_souls_1_ok.txt", "all_souls_000001\nall_souls_000009\n");
    assertTruthRefused(
        "all_souls_1_ok.txt",
        ":2: image 'all_souls_000009' must be one of the 6 images but is not");
    gt("all_souls_1_ok.txt", "");
    gt("all_souls_1_query.txt", "oxc1_nobody 1 2 3 4");
    assertTruthRefused(
        "all_souls_1_query.txt", ":1: image 'nobody' must be one of the 6 images but is not");
  }

  @Test
  void queryAskedTwiceIsRefused() throws IOException {
    gt("all_souls_2_query.txt", "\nall_souls_000000 3.50 2 20.25 30\n");
    assertTruthRefused(
        "all_souls_2_query.txt",
        ":2: query 'all_souls_000000' with the box 3.5,2.0,20.25,30.0 must be asked once but is in"
            + " all_souls_1_query.txt too");
  }

  @Test
  void imageJudgedInTwoWaysIsRefused() throws IOException {
    gt("all_souls_1_junk.txt", "\nall_souls_000003\n");
    assertTruthRefused(
        "all_souls_1_junk.txt",
        ":2: image 'all_souls_000003' must be judged once but is good (line 1 of that file) and"
            + " junk");
  }

  @Test
  void judgmentsWithoutAQueryAreRefused() throws IOException {
    Files.delete(root.resolve("gt/all_souls_2_query.txt"));
    assertTruthRefused(
        "all_souls_2_good.txt", ": must have all_souls_2_query.txt beside it but has not");
    Files.delete(root.resolve("gt/all_souls_2_good.txt"));
    Files.delete(root.resolve("gt/all_souls_2_ok.txt"));
    assertTruthRefused(
        "all_souls_2_junk.txt", ": must have all_souls_2_query.txt beside it but has not");
    Files.move(root.resolve("gt/all_souls_2_junk.txt"), root.resolve("gt/._all_souls_2_junk.txt"));
    assertThat(read().queries()).hasSize(1);
  }

  @Test
  void imageThatNoTextNamesMayBeMissing() throws IOException {
    RetrievalDataSet whole = read();
    Files.delete(root.resolve("jpg/all_souls_000005.png"));
    assertThat(read().database()).isEqualTo(whole.database().subList(0, 5));
    assertThat(read().queries()).isEqualTo(whole.queries());
    Files.delete(root.resolve("jpg/all_souls_000002.png"));
    assertTruthRefused(
        "all_souls_1_junk.txt",
        ":1: image 'all_souls_000002' must be one of the 4 images but is not");
  }

  @ParameterizedTest
  @ValueSource(strings = {"good", "ok", "junk"})
  void missingGroundTruthFileIsRefused(String kind) throws IOException {
    Files.delete(root.resolve("gt/all_souls_1_" + kind + ".txt"));
    assertTruthRefused("all_souls_1_" + kind + ".txt", ": file does not exist");
  }

  @Test
  void directoryWithoutGroundTruthOrImagesIsRefused(@TempDir Path empty) throws IOException {
    TestImages.write(empty.resolve("a.png"), 4, 4, 0);
    assertThatThrownBy(() -> DataSets.read("oxford5k", empty))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            empty + ": no ground truth *_query.txt, gnd_oxford5k.mat or gnd_oxford5k.pkl is there");
    Files.createFile(empty.resolve("a_1_query.txt"));
    Files.delete(empty.resolve("a.png"));
    assertThatThrownBy(() -> DataSets.read("oxford5k", empty))
        .isInstanceOf(DataSetException.class)
        .hasMessage(empty + ": no image is there");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    Path file;
    try {
      file = root.resolve("jpg/prés_000001.png");
    } catch (InvalidPathException e) {
      assumeTrue(false, "skipped: this locale has no file names beyond ASCII");
      return;
    }
    TestImages.write(file, 4, 4, 0);
    Files.write(
        root.resolve("gt/all_souls_1_ok.txt"),
        "prés_000001\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(read().queries().get(0).judgments().ok()).containsExactly("prés_000001");
  }

  @Test
  void imageOfTwoEndingsIsRefused() {
    TestImages.write(root.resolve("jpg/all_souls_000000.jpeg"), 4, 4, 0);
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("jpg")
                + ": image 'all_souls_000000' must be one file but is all_souls_000000.jpeg and"
                + " all_souls_000000.png");
  }

  /** The first query has 3 right answers among 5 without junk, the second 1 among 6. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertScores(
        perfect(set),
        "standard",
        standard(1, 1, (3 / 5.0 + 1 / 5.0) / 2, (3 / 10.0 + 1 / 10.0) / 2));
    // Right at 3, 4, 5 and at 6: (1/6 + 5/12 + 11/20)/3 = 17/45 and 1/12.
    assertScores(
        reversed(set),
        "standard",
        standard((17 / 45.0 + 1 / 12.0) / 2, 0, (3 / 5.0 + 0) / 2, (3 / 10.0 + 1 / 10.0) / 2));
    // Of 5, half of the places before a right one are right: (1 + 5/8 + 7/12 + 9/16 + 11/20)/5.
    double three = (1 + 5 / 8.0 + 7 / 12.0 + 9 / 16.0 + 11 / 20.0) / 5;
    // Of 6, one: (1 + (1/2 + 1/3 + 1/4 + 1/5 + 1/6)/2)/6.
    double one = (1 + 1.45 / 2) / 6;
    assertRandom(
        set,
        "standard",
        standard(
            (three + one) / 2,
            (3 / 5.0 + 1 / 6.0) / 2,
            (3 / 5.0 + 1 / 6.0) / 2,
            (3 / 10.0 + 1 / 10.0) / 2));
  }
}
