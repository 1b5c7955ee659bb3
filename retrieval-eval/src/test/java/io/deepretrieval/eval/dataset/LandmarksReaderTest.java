// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestScorer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LandmarksReaderTest extends ReaderFixture {
  private static final String SOLUTION = "metadata/retrieval_solution_v2.1.csv";
  private static final String RECOGNITION = "metadata/recognition_solution_v2.1.csv";

  LandmarksReaderTest() {
    super("gldv2", "gldv2-recognition", "gldv2-recognition-full", "gldv1", "gldv1-recognition");
  }

  private static String id(int number) {
    return String.format(Locale.ROOT, "%016x", 0xabc0_0000_0000_0000L + number);
  }

  private static String nested(String split, int number) {
    return split + "/a/b/c/" + id(number) + ".jpg";
  }

  @BeforeEach
  void layout() {
    StringBuilder index = new StringBuilder("id\n");
    for (int i = 0; i < 5; i++) {
      touch(nested("index", i), nested("train", 100 + i), nested("test", 200 + i));
      index.append(id(i)).append('\n');
    }
    text("metadata/index.csv", index.toString());
    text(
        SOLUTION,
        "id,images,Usage\n"
            + id(200)
            + ","
            + id(1)
            + " "
            + id(3)
            + ",Public\n"
            + id(201)
            + ","
            + id(0)
            + ",Private\n"
            + id(202)
            + ",None,Ignored\n"
            + id(203)
            + ","
            + id(4)
            + ",Private\n");
    text(
        RECOGNITION,
        "id,landmarks,Usage\n"
            + id(200)
            + ",7 9,Private\n"
            + id(201)
            + ",,Private\n"
            + id(202)
            + ",8,Private\n"
            + id(203)
            + ",12345,Private\n"
            + id(204)
            + ",7,Public\n");
    text(
        "metadata/train_clean.csv",
        "landmark_id,images\n7," + id(100) + " " + id(101) + "\n8," + id(102) + "\n");
    text(
        "metadata/train.csv",
        "id,url,landmark_id\n"
            + id(100)
            + ",\"http://a,b\",7\n"
            + id(101)
            + ",http://b,7\n"
            + id(102)
            + ",http://c,8\n"
            + id(103)
            + ",http://d,9\n");
  }

  @Override
  void addOptionalLists() {
    text("metadata/retrieval_solution.csv", "id,images\n" + id(200) + "," + id(1) + "\n");
    text("metadata/recognition_solution.csv", "id,landmarks\n" + id(200) + ",7\n");
  }

  @Test
  void retrievalHasPrivateAndPublicQueries() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("gldv2");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(id(0), id(1), id(2), id(3), id(4));
    assertThat(set.database().get(2).file()).isEqualTo(root.resolve(nested("index", 2)));
    assertThat(set.protocols()).extracting(Protocol::name).containsExactly("private", "public");
    assertThat(set.protocols().get(0).queries())
        .extracting(Query::label)
        .containsExactly(id(201), id(203));
    Query asked = set.protocols().get(1).queries().get(0);
    assertThat(asked.judgments().good()).containsExactly(id(1), id(3));
    assertThat(asked.image().file()).isEqualTo(root.resolve(nested("test", 200)));
    assertThat(set.protocols().get(0).metrics().get(0)).isEqualTo(Metric.averagePrecisionAt(100));
    assertThat(new TestScorer(set, 1).depth(761_757)).isEqualTo(100);
  }

  @Test
  void recognitionCountsWhatNoImageOfTheDatabaseShows() throws IOException {
    RetrievalDataSet set = DataSets.read("gldv2-recognition", root);
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(id(100), id(101), id(102));
    Protocol all = set.protocols().get(0);
    assertThat(all.name()).isEqualTo("private");
    assertThat(all.queries()).hasSize(4);
    assertThat(all.queries().get(0).judgments().good()).containsExactly(id(100), id(101));
    assertThat(all.queries().get(1).judgments().hasPositives()).isFalse();
    assertThat(new TestScorer(set, 0).questions()).hasSize(5);
    // Two of the three that show something are found, before all wrong predictions.
    ProtocolResult perfect = perfect(set).get(0);
    assertThat(perfect.score(Metric.globalAveragePrecision()))
        .isEqualTo(perfect.scores().get("GAP"))
        .isCloseTo(2 / 3.0, within(1e-15));
    assertThat(perfect.score(Metric.precisionAt(1))).isEqualTo(1);
    assertThat(perfect.skippedQueries()).hasSize(2);
    assertThat(reversed(set).get(0).score(Metric.globalAveragePrecision())).isZero();
    assertThat(perfect(set).get(1).score(Metric.globalAveragePrecision())).isEqualTo(1);
  }

  @Test
  void fullTrainingListHasALineAnImage() throws IOException {
    RetrievalDataSet set = DataSets.read("gldv2-recognition-full", root);
    assertThat(set.name()).isEqualTo("gldv2-recognition-full");
    assertThat(set.database()).hasSize(4);
    assertThat(set.protocols().get(0).queries().get(0).judgments().good())
        .containsExactly(id(100), id(101), id(103));
  }

  @Test
  void firstVersionHasItsOwnNamesAndMayLackTheUsage() throws IOException {
    text("metadata/index.csv", "id,url\n" + id(0) + ",http://x\n" + id(1) + ",None\n");
    text("metadata/retrieval_solution.csv", "id,images\n" + id(200) + "," + id(1) + "\n");
    Files.move(root.resolve(nested("index", 1)), root.resolve("index/" + id(1) + ".jpg"));
    RetrievalDataSet set = DataSets.read("gldv1", root);
    assertThat(set.name()).isEqualTo("gldv1");
    assertThat(set.protocols()).extracting(Protocol::name).containsExactly("standard");
    assertThat(set.database().get(1).file()).isEqualTo(root.resolve("index/" + id(1) + ".jpg"));
    text("metadata/recognition_solution.csv", "id,landmarks,Usage\n" + id(200) + ",7,Public\n");
    assertThat(DataSets.read("gldv1-recognition", root).queries()).hasSize(1);
  }

  @Test
  void tablesMayLieInTheRootAndBeOfOtherForm() throws IOException {
    RetrievalDataSet plain = read();
    for (String table : List.of("index.csv", "retrieval_solution_v2.1.csv")) {
      String text = Files.readString(root.resolve("metadata").resolve(table));
      text(table, "\uFEFF\r\n" + text.replace("\n", "\r\n\r\n").replace(",", " , "));
    }
    Files.move(root.resolve("metadata"), root.resolve("elsewhere"));
    RetrievalDataSet other = read();
    assertThat(other.protocols()).isEqualTo(plain.protocols());
    assertThat(other.database()).isEqualTo(plain.database());
    text(
        "retrieval_solution_v2.1.csv",
        "Usage,id,images,nota più\nPublic," + id(200) + "," + id(1) + ",è\n",
        StandardCharsets.ISO_8859_1);
    assertThat(read().queries()).hasSize(1);
  }

  @Test
  void damagedTablesAreRefused() {
    text("metadata/index.csv", "id\n" + id(0) + "\n\n" + id(9) + "\n");
    assertRefused(
        "metadata/index.csv:4",
        "image '"
            + id(9)
            + "' is missing: neither a/b/c/"
            + id(9)
            + ".jpg nor "
            + id(9)
            + ".jpg is in ROOT/index");
    text("metadata/index.csv", "id\n" + id(0) + "\n" + id(0) + "\n");
    assertRefused(
        "metadata/index.csv:3", "image '" + id(0) + "' must be listed once but is there twice");
    text("metadata/index.csv", "id\n../../x\n");
    assertRefused("metadata/index.csv:2", "image must be 16 hexadecimal digits but was '../../x'");
    text("metadata/index.csv", "image\n" + id(0) + "\n");
    assertRefused(
        "metadata/index.csv:1", "column 'id' must be there once but the columns are image");
    text("metadata/index.csv", "");
    assertRefused("metadata/index.csv", "must begin with the columns id but is empty");
    text("metadata/index.csv", "id\n" + id(0) + ",extra\n");
    assertRefused("metadata/index.csv:2", "line must have 1 fields but has 2");
    text("metadata/index.csv", "id\n\"" + id(0) + "\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(root.resolve("metadata/index.csv") + ":2: line cannot be read: ");
    text("metadata/index.csv", "id\n" + id(0) + "\n", StandardCharsets.UTF_16LE);
    assertRefused(
        "metadata/index.csv", "text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
    delete("metadata/index.csv");
    assertRefused("metadata/index.csv", "file does not exist");
  }

  @Test
  void damagedSolutionsAreRefused() {
    text(SOLUTION, "id,images,Usage\n" + id(200) + "," + id(1) + " " + id(77) + ",Public\n");
    assertRefused(
        SOLUTION + ":2",
        "image '" + id(77) + "' must be one of the 5 images of index.csv but is not");
    text(SOLUTION, "id,images,Usage\n" + id(200) + "," + id(1) + ",public\n");
    assertRefused(SOLUTION + ":2", "Usage must be Private, Public or Ignored but was 'public'");
    String line = id(200) + "," + id(1) + ",Public\n";
    text(SOLUTION, "id,images,Usage\n" + line + line);
    assertRefused(
        SOLUTION + ":3", "query '" + id(200) + "' must be listed once but is there twice");
    text(SOLUTION, "id,images,Usage\n" + id(299) + "," + id(1) + ",Public\n");
    assertRefused(
        SOLUTION + ":2",
        "image '"
            + id(299)
            + "' is missing: neither a/b/c/"
            + id(299)
            + ".jpg nor "
            + id(299)
            + ".jpg is in ROOT/test");
    text(SOLUTION, "id,images,Usage\n" + id(200) + ",None,Ignored\n");
    assertRefused(SOLUTION, "must have a query that is not ignored but has none");
  }

  @Test
  void damagedRecognitionIsRefused() {
    text(RECOGNITION, "id,landmarks,Usage\n" + id(200) + ",Eiffel,Public\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve(RECOGNITION) + ":2: landmark must be a whole number but was 'Eiffel'");
    text(RECOGNITION, "id,landmarks,Usage\n" + id(200) + ",,Public\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("metadata")
                + ": must have queries that show something and database images but has 0 protocols"
                + " and 3");
    text("metadata/train_clean.csv", "landmark_id,images\n7,\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("metadata/train_clean.csv")
                + ":2: image must be 16 hexadecimal digits but was ''");
  }

  @Test
  void landmarksAreComparedAsNumbers() throws IOException {
    String solution = "id,landmarks,Usage\n" + id(200) + ",007 9,Private\n";
    text(RECOGNITION, solution);
    text(
        "metadata/train_clean.csv",
        "landmark_id,images\n07," + id(100) + " " + id(101) + "\n8," + id(102) + "\n");
    assertThat(DataSets.read("gldv2-recognition", root).queries().get(0).judgments().positives())
        .containsExactly(id(100), id(101));
    text("metadata/train.csv", "id,landmark_id\n" + id(100) + ",7\n" + id(101) + ",0009\n");
    assertThat(
            DataSets.read("gldv2-recognition-full", root).queries().get(0).judgments().positives())
        .containsExactly(id(100), id(101));
  }

  @Test
  void landmarkOfTheTrainingListThatIsNoNumberIsRefused() {
    text("metadata/train_clean.csv", "landmark_id,images\n7," + id(100) + "\n," + id(101) + "\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("metadata/train_clean.csv")
                + ":3: landmark_id must be a whole number but was ''");
    text("metadata/train.csv", "id,landmark_id\n" + id(100) + ",7\n" + id(101) + ",x7\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition-full", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("metadata/train.csv")
                + ":3: landmark_id must be a whole number but was 'x7'");
  }

  @Test
  void usageIsGivenInAllLinesOrInNone() throws IOException {
    String first = id(200) + "," + id(1) + ",";
    String second = id(201) + "," + id(0) + ",";
    text(SOLUTION, "id,images,Usage\n" + first + "Private\n" + second + "\n");
    assertRefused(
        SOLUTION + ":3",
        "Usage must be blank in all lines or in none but is '' and was 'Private' in ROOT/"
            + SOLUTION
            + ":2");
    text(SOLUTION, "id,images,Usage\n" + first + "\n" + second + "Ignored\n");
    assertRefused(
        SOLUTION + ":3",
        "Usage must be blank in all lines or in none but is 'Ignored' and was '' in ROOT/"
            + SOLUTION
            + ":2");
    text(SOLUTION, "id,images,Usage\n" + first + "\n" + second + " \n");
    assertThat(read().protocols()).extracting(Protocol::name).containsExactly("standard");
  }

  @Test
  void damagedTrainingListsAreRefused() {
    text("metadata/train_clean.csv", "landmark_id,images\n7," + id(100) + " " + id(100) + "\n");
    assertThatThrownBy(() -> DataSets.read("gldv2-recognition", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("metadata/train_clean.csv")
                + ":2: image '"
                + id(100)
                + "' must be listed once but is there twice");
    text("metadata/train.csv", "id,url,landmark_id\n" + id(100) + ",u,7\n" + id(150) + ",u,7\n");
    for (String name : List.of("gldv2-recognition-full", "gldv1-recognition")) {
      text("metadata/recognition_solution.csv", "id,landmarks\n" + id(200) + ",7\n");
      assertThatThrownBy(() -> DataSets.read(name, root))
          .isInstanceOf(DataSetException.class)
          .hasMessage(
              root.resolve("metadata/train.csv")
                  + ":3: image '"
                  + id(150)
                  + "' is missing: neither a/b/c/"
                  + id(150)
                  + ".jpg nor "
                  + id(150)
                  + ".jpg is in "
                  + root.resolve("train"));
    }
  }

  @Test
  void addressesOfTheTrainingListMayBeInLatin1() throws IOException {
    String table = "id,url,landmark_id\n" + id(100) + ",http://é/ü.jpg,7\n";
    text("metadata/train.csv", table, StandardCharsets.ISO_8859_1);
    assertThat(DataSets.read("gldv2-recognition-full", root).database()).hasSize(1);
  }

  /** The published list of the first version has such lines. */
  @Test
  void imageOfNoLandmarkIsRightForNothing() throws IOException {
    addOptionalLists();
    text("metadata/train.csv", "id,landmark_id\n" + id(100) + ",None\n" + id(101) + ",7\n");
    RetrievalDataSet set = DataSets.read("gldv1-recognition", root);
    assertThat(set.database()).hasSize(2);
    assertThat(set.queries().get(0).judgments().positives()).containsExactly(id(101));
  }

  /** A landmark that no image of the list shows is a question without an answer. */
  @Test
  void landmarkMayHaveNoImageAndSeveralLines() throws IOException {
    text(RECOGNITION, "id,landmarks,Usage\n" + id(200) + ",7 99,Public\n");
    text("metadata/train_clean.csv", "landmark_id,images\n7," + id(100) + "\n7," + id(101) + "\n");
    assertThat(DataSets.read("gldv2-recognition", root).queries().get(0).judgments().positives())
        .containsExactly(id(100), id(101));
  }

  private static Map<String, Double> retrieval(double ap, double p1, double p10) {
    // Five images are in the database, so a search to 100 finds all.
    return Map.of("mAP@100", ap, "P@1", p1, "P@10", p10, "recall@100", 1.0);
  }

  /** Among five images one is right for the private queries, two for the public one. */
  @Test
  void perfectReversedAndRandomRetrievalIsHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertScores(perfect(set), "private", retrieval(1, 1, 1 / 10.0));
    assertScores(perfect(set), "public", retrieval(1, 1, 2 / 10.0));
    // Right at 5; at 4 and 5.
    assertScores(reversed(set), "private", retrieval(1 / 5.0, 0, 1 / 10.0));
    assertScores(reversed(set), "public", retrieval((1 / 4.0 + 2 / 5.0) / 2, 0, 2 / 10.0));
    double one = (1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 5.0) / 5;
    assertRandom(set, "private", retrieval(one, 1 / 5.0, 1 / 10.0));
    // A quarter of the places before a right one are right: place r adds (1 + (r-1)/4)/r.
    double two = (1 + 1.25 / 2 + 1.5 / 3 + 1.75 / 4 + 2 / 5.0) / 5;
    assertRandom(set, "public", retrieval(two, 2 / 5.0, 2 / 10.0));
    addOptionalLists();
    RetrievalDataSet first = DataSets.read("gldv1", root);
    assertScores(perfect(first), "standard", retrieval(1, 1, 1 / 10.0));
    assertScores(reversed(first), "standard", retrieval(1 / 5.0, 0, 1 / 10.0));
    assertRandom(first, "standard", retrieval(one, 1 / 5.0, 1 / 10.0));
  }

  private static Map<String, Double> recognition(double gap, double p1) {
    return Map.of("GAP", gap, "P@1", p1);
  }

  /**
   * The scores of these rankings tell right from wrong, so that right predictions come first and
   * GAP is their number over that of the queries that show something.
   */
  @Test
  void perfectReversedAndRandomRecognitionIsHandComputed() throws IOException {
    addOptionalLists();
    RetrievalDataSet clean = DataSets.read("gldv2-recognition", root);
    RetrievalDataSet full = DataSets.read("gldv2-recognition-full", root);
    RetrievalDataSet first = DataSets.read("gldv1-recognition", root);
    // Three private queries show something; the landmark of one is in no image.
    for (RetrievalDataSet set : List.of(clean, full)) {
      assertScores(perfect(set), "private", recognition(2 / 3.0, 1));
      assertScores(reversed(set), "private", recognition(0, 0));
      assertScores(perfect(set), "public", recognition(1, 1));
      assertScores(reversed(set), "public", recognition(0, 0));
    }
    // Clean: 2 and 1 of 3 images are right. Full: 3 and 1 of 4.
    assertRandom(
        clean, "private", recognition((2 / 3.0 + 1 / 3.0 + 0) / 3, (2 / 3.0 + 1 / 3.0) / 2));
    assertRandom(
        full, "private", recognition((3 / 4.0 + 1 / 4.0 + 0) / 3, (3 / 4.0 + 1 / 4.0) / 2));
    assertRandom(clean, "public", recognition(2 / 3.0, 2 / 3.0));
    assertRandom(full, "public", recognition(2 / 4.0, 2 / 4.0));
    assertScores(perfect(first), "standard", recognition(1, 1));
    assertScores(reversed(first), "standard", recognition(0, 0));
    assertRandom(first, "standard", recognition(2 / 4.0, 2 / 4.0));
  }
}
