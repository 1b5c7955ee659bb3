// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FlickrLogos32ReaderTest extends ReaderFixture {
  private static final String DATABASE = "trainvalset.relpaths.txt";
  private static final String QUERIES = "testset-logosonly.relpaths.txt";
  private static final String MASK = "classes/masks/hp/4.jpg.bboxes.txt";

  FlickrLogos32ReaderTest() {
    super("flickrlogos32", "flickrlogos32-boxes");
  }

  @BeforeEach
  void layout() {
    image("classes/jpg/adidas/1.jpg");
    image("classes/jpg/HP/2.jpg");
    image("classes/jpg/no-logo/3.jpg");
    image("classes/jpg/HP/4.jpg");
    text(DATABASE, "classes/jpg/adidas/1.jpg\nclasses/jpg/HP/2.jpg\nclasses/jpg/no-logo/3.jpg\n");
    text(QUERIES, "classes/jpg/HP/4.jpg\n");
    text(MASK, "x y width height\n1 2 10 20\n20 10 15 30\n1 2 10 20\n");
  }

  private RetrievalDataSet boxes() throws IOException {
    return DataSets.read("flickrlogos32-boxes", root);
  }

  private void assertBoxRefused(String lines, String problem) {
    text(MASK, lines);
    assertThatThrownBy(this::boxes)
        .isInstanceOf(DataSetException.class)
        .hasMessage(root.resolve(MASK) + problem);
  }

  @Test
  void imagesOfTheLogoAreRight() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("flickrlogos32");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "classes/jpg/adidas/1.jpg", "classes/jpg/HP/2.jpg", "classes/jpg/no-logo/3.jpg");
    assertThat(set.queries()).hasSize(1);
    assertThat(set.queries().get(0).box()).isEmpty();
    assertThat(set.queries().get(0).judgments().good()).containsExactly("classes/jpg/HP/2.jpg");
    assertThat(set.queriesInDatabase()).isZero();
  }

  @Test
  void boxesAreQueriesOfTheirOwn() throws IOException {
    RetrievalDataSet set = boxes();
    assertThat(set.name()).isEqualTo("flickrlogos32-boxes");
    assertThat(set.queries())
        .extracting(Query::box)
        .containsExactly(Optional.of(new Box(1, 2, 11, 22)), Optional.of(new Box(20, 10, 35, 40)));
  }

  @Test
  void listsInTwoPartsWithMarkAndLineEndsAreTolerated() throws IOException {
    RetrievalDataSet plain = read();
    delete(DATABASE);
    text("trainset.relpaths.txt", "\uFEFFclasses/jpg/adidas/1.jpg\r\n\r\n");
    text("valset.relpaths.txt", "./classes/jpg/HP/2.jpg\r\nclasses/jpg/no-logo/3.jpg");
    assertThat(read().database()).isEqualTo(plain.database());
    assertThat(read().queries()).isEqualTo(plain.queries());
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("classes/jpg/HP/é.jpg");
    image("classes/jpg/HP/é.jpg");
    text(QUERIES, "classes/jpg/HP/é.jpg\n", StandardCharsets.ISO_8859_1);
    assertThat(read().queries().get(0).image().id()).isEqualTo("classes/jpg/HP/é.jpg");
  }

  @Test
  void damagedListsAreRefused() {
    text(QUERIES, "\nclasses/jpg/HP/5.jpg\n");
    assertRefused(QUERIES + ":2", "image 'classes/jpg/HP/5.jpg'" + NO_SUCH + "ROOT");
    image("classes/jpg/esso/5.jpg");
    text(QUERIES, "classes/jpg/esso/5.jpg\n");
    assertRefused(QUERIES + ":1", "logo 'esso' must have a database image but has none");
    text(QUERIES, "classes/jpg/HP/4.jpg\nclasses/jpg/HP/4.jpg\n");
    assertRefused(
        QUERIES + ":2", "image 'classes/jpg/HP/4.jpg' must be listed once but is there twice");
    text(QUERIES, "../x.jpg\n");
    assertRefused(QUERIES + ":1", "image '../x.jpg' must lie under ROOT but does not");
    text(QUERIES, "\n");
    assertRefused(QUERIES, "must list images but is empty");
    delete(DATABASE);
    assertRefused("trainset.relpaths.txt", "file does not exist");
    text("trainset.relpaths.txt", "classes/jpg/HP/2.jpg\n");
    text("valset.relpaths.txt", "classes/jpg/adidas/1.jpg\nclasses/jpg/HP/2.jpg\n");
    assertRefused(
        "valset.relpaths.txt:2",
        "image 'classes/jpg/HP/2.jpg' must be listed once but is there twice");
  }

  @Test
  void damagedBoxesAreRefused() {
    assertBoxRefused(
        "x y width height\n41 2 10 20\n",
        ":2: box must overlap the image of 40x30 pixels but was 41.0,2.0,51.0,22.0");
    assertBoxRefused(
        "x y width height\n1 2 0 20\n",
        ":2: box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was 1.0,2.0,1.0,22.0");
    assertBoxRefused(
        "x y width height\n1 2 3\n", ":2: line must be 'x y width height' but was '1 2 3'");
    assertBoxRefused(
        "x y width height\n1 2 3 x\n", ":2: number 4 of the line must be a number but was 'x'");
    assertBoxRefused(
        "\n1 2 10 20\n20 10 15 30\n",
        ":2: first line must be names such as 'x y width height' but was '1 2 10 20'");
    assertBoxRefused("x y width height\n", ": must have a line of names and a box but has none");
    delete(MASK);
    assertThatThrownBy(this::boxes)
        .isInstanceOf(DataSetException.class)
        .hasMessage(root.resolve(MASK) + ": file does not exist");
  }

  /** One right answer among three, for the image and for each of its boxes. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    double random = (1 + (0 + 1 / 2.0) / 2 + (0 + 1 / 3.0) / 2) / 3;
    for (RetrievalDataSet set : List.of(read(), boxes())) {
      assertScores(perfect(set), "standard", standard(1, 1, 1 / 5.0, 1 / 10.0));
      assertScores(reversed(set), "standard", standard(1 / 6.0, 0, 1 / 5.0, 1 / 10.0));
      assertRandom(set, "standard", standard(random, 1 / 3.0, 1 / 5.0, 1 / 10.0));
    }
  }
}
