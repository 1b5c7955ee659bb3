// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FlickrLogos47ReaderTest extends ReaderFixture {
  private static final String TRUTH = "test/000000/000000003.gt_data.txt";

  FlickrLogos47ReaderTest() {
    super("flickrlogos47");
  }

  @BeforeEach
  void layout() {
    text("className2ClassID.txt", "HP\t0\nadidas_symbol\t1\nadidas_text\t2\n");
    image("train/000000/000000001.png");
    image("train/000001/000000002.png");
    image("train/000002/000000009.png");
    text("train/000000/000000001.gt_data.txt", "1 1 9 9 0 0 0 0 0\n2 2 8 8 1 0 1 1 0\n");
    text("train/000001/000000002.gt_data.txt", "1 1 9 9 1 0 0 0 0\n");
    text(
        "train/filelist.txt",
        "./000000/000000001.png\n./000001/000000002.png\n./000002/000000009.png\n");
    image("test/000000/000000003.png");
    text(TRUTH, "1 2 11 22 1 0 0 0 1\n5 5 9 9 0 0 1 1 0\n10 10 30 29 0 0 2 0 0\n");
    text("test/filelist-logosonly.txt", "./000000/000000003.png\n");
  }

  @Override
  void addOptionalLists() {
    text("train/filelist-logosonly.txt", "./000000/000000001.png\n./000001/000000002.png\n");
  }

  @Test
  void boxesThatAreNotDifficultAreQueries() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("flickrlogos47");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "train/000000/000000001.png",
            "train/000001/000000002.png",
            "train/000002/000000009.png");
    assertThat(set.queries()).hasSize(2);
    assertThat(set.queries().get(0).image().id()).isEqualTo("test/000000/000000003.png");
    assertThat(set.queries().get(0).box()).contains(new Box(1, 2, 11, 22));
    assertThat(set.queries().get(0).judgments().good())
        .containsExactly("train/000000/000000001.png", "train/000001/000000002.png");
    assertThat(set.queries().get(1).box()).contains(new Box(10, 10, 30, 29));
    assertThat(set.queries().get(1).judgments().good())
        .containsExactly("train/000000/000000001.png");
  }

  @Test
  void imagesWithoutLogoAreNoQueries() throws IOException {
    RetrievalDataSet plain = read();
    image("test/000002/000000004.png");
    delete("test/filelist-logosonly.txt");
    text("test/filelist.txt", "\uFEFF./000002/000000004.png\r\n\r\n./000000/000000003.png\r\n");
    assertThat(read().queries()).isEqualTo(plain.queries());
    delete(TRUTH);
    assertRefused("test", "no annotated logo is there");
  }

  @Test
  void ownListIsReadInstead() throws IOException {
    text(
        "list.tsv",
        """
        image\tgroup\trole
        train/000000/000000001.png\ta\tdatabase
        test/000000/000000003.png\ta\tquery
        """);
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("flickrlogos47");
    assertThat(set.database()).hasSize(1);
    assertThat(set.queries().get(0).box()).isEmpty();
  }

  @Test
  void damagedAnnotationsAreRefused() {
    text(TRUTH, "\n1 2 11 22 3 0 0 0 0\n");
    assertRefused(TRUTH + ":2", "class 3 must be in className2ClassID.txt but is not");
    text(TRUTH, "1 2 11 22 1 0 0 0\n");
    assertRefused(
        TRUTH + ":1",
        "line must be 'x1 y1 x2 y2 class dummy mask difficult truncated' but was '1 2 11 22 1 0 0"
            + " 0'");
    text(TRUTH, "1 2 3\n");
    assertRefused(
        TRUTH + ":1",
        "line must be 'x1 y1 x2 y2 class dummy mask difficult truncated' but was '1 2 3'");
    text(TRUTH, "50 2 60 22 1 0 0 0 0\n");
    assertRefused(
        TRUTH + ":1", "box must overlap the image of 40x30 pixels but was 50.0,2.0,60.0,22.0");
    text(TRUTH, "9 2 3 22 1 0 0 0 0\n");
    assertRefused(
        TRUTH + ":1", "box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was 9.0,2.0,3.0,22.0");
    text(TRUTH, "1 2 11 22 1 0 0 yes 0\n");
    assertRefused(TRUTH + ":1", "difficult must be 0 or 1 but was 'yes'");
    text(TRUTH, "1 2 11 22 HP 0 0 0 0\n");
    assertRefused(TRUTH + ":1", "number of a class must be a whole number but was 'HP'");
  }

  @Test
  void damagedListsAreRefused() {
    text("train/filelist.txt", "./000000/000000001.png\n./000000/000000001.png\n");
    assertRefused(
        "train/filelist.txt:2",
        "image '000000/000000001.png' must be listed once but is there twice");
    text("train/filelist.txt", "./000000/000000007.png\n");
    assertRefused(
        "train/filelist.txt:1", "image './000000/000000007.png'" + NO_SUCH + "ROOT/train");
    text("className2ClassID.txt", "HP\t0\nEsso\t0\n");
    assertRefused("className2ClassID.txt:2", "class 0 must be named once but is there twice");
    text("train/filelist.txt", "\n");
    text("className2ClassID.txt", "HP\t0\n");
    assertRefused("train/filelist.txt", "must list images but is empty");
    text("className2ClassID.txt", "HP\n");
    assertRefused("className2ClassID.txt:1", "line must be 'name number' but was 'HP'");
    delete("className2ClassID.txt");
    assertRefused("className2ClassID.txt", "file does not exist");
  }

  @Test
  void boxTwiceIsOneQueryForAllItsClasses() throws IOException {
    text(
        TRUTH,
        "1 2 11 22 0 0 0 0 0\n10 10 30 29 0 0 2 0 0\n1 2 11 22 1 0 1 0 0\n1 2 11 22 0 0 2 0 0\n");
    RetrievalDataSet set = read();
    assertThat(set.queries()).hasSize(2);
    assertThat(set.queries().get(0).box()).contains(new Box(1, 2, 11, 22));
    assertThat(set.queries().get(0).judgments().good())
        .containsExactly("train/000000/000000001.png", "train/000001/000000002.png");
    assertThat(set.queries().get(1).judgments().good())
        .containsExactly("train/000000/000000001.png");
  }

  @Test
  void imagesSaidToShowALogoMustHaveOne() throws IOException {
    RetrievalDataSet plain = read();
    text("train/filelist-logosonly.txt", "./000000/000000001.png\n./000001/000000002.png\n");
    assertThat(read().queries()).isEqualTo(plain.queries());
    delete("train/000001/000000002.gt_data.txt");
    assertRefused("train/000001/000000002.gt_data.txt", "file does not exist");
    text("train/000001/000000002.gt_data.txt", "\n");
    assertRefused(
        "train/000001/000000002.gt_data.txt",
        "must have a logo, as the image is in filelist-logosonly.txt, but has none");
    text("train/000001/000000002.gt_data.txt", "1 1 9 9 1 0 0 0 0\n");
    delete(TRUTH);
    assertRefused(TRUTH, "file does not exist");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("train/é/ü.png");
    image("train/é/ü.png");
    text("train/é/ü.gt_data.txt", "1 1 9 9 2 0 0 0 0\n");
    text("train/filelist.txt", "./é/ü.png\n", StandardCharsets.ISO_8859_1);
    text("className2ClassID.txt", "Nestlé\t2\nHP\t0\nx\t1\n", StandardCharsets.ISO_8859_1);
    text(TRUTH, "1 2 11 22 2 0 0 0 0\n");
    assertThat(read().queries().get(0).judgments().good()).containsExactly("train/é/ü.png");
  }

  /** Two right answers among three, and one. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    double p5 = (2 / 5.0 + 1 / 5.0) / 2;
    double p10 = (2 / 10.0 + 1 / 10.0) / 2;
    assertScores(perfect(set), "standard", standard(1, 1, p5, p10));
    // Right at 2 and 3, and at 3.
    double two = ((0 + 1 / 2.0) / 2 + (1 / 2.0 + 2 / 3.0) / 2) / 2;
    assertScores(reversed(set), "standard", standard((two + 1 / 6.0) / 2, 0, p5, p10));
    // Places 1 2, 1 3, 2 3; and places 1, 2, 3.
    double randomTwo = (1 + (1 + (1 / 2.0 + 2 / 3.0) / 2) / 2 + two) / 3;
    double randomOne = (1 + (0 + 1 / 2.0) / 2 + (0 + 1 / 3.0) / 2) / 3;
    assertRandom(
        set, "standard", standard((randomTwo + randomOne) / 2, (2 / 3.0 + 1 / 3.0) / 2, p5, p10));
  }
}
