// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.revisited;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The million beside the revisited Paris, whose list is text, and Flickr100k, which has none. */
final class DistractorsTest extends ReaderFixture {
  private static final String MILLION = "revisitop1m/revisitop1m.txt";

  DistractorsTest() {
    super("rparis6k-1m");
  }

  @BeforeEach
  void layout() {
    for (String name : List.of("a", "b", "c", "q")) {
      image("jpg/" + name + ".png");
    }
    TruthFiles truth =
        new TruthFiles()
            .images("a", "b", "c")
            .query(
                "q",
                List.of(1, 2, 30, 20),
                "easy",
                List.of(0),
                "hard",
                List.of(1),
                "junk",
                List.of());
    TruthFiles.pickle(root.resolve("gnd_rparis6k.pkl"), truth.dict());
    touch("revisitop1m/jpg/ab/1.jpg", "revisitop1m/jpg/ab/2.jpg", "revisitop1m/jpg/cd/1.jpg");
    text(MILLION, "ab/2.jpg\nab/1.jpg\ncd/1.jpg\n");
  }

  @Test
  void listIsAddedInItsOrder() throws IOException {
    assertThat(read().database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "a", "b", "c", "revisitop1m/ab/2.jpg", "revisitop1m/ab/1.jpg", "revisitop1m/cd/1.jpg");
  }

  @Test
  void damagedListsAreRefused() throws IOException {
    String list = root.toRealPath().resolve(MILLION).toString();
    text(MILLION, "ab/2.jpg\n\nab/2.jpg\n");
    assertRefused(list + ":3", "image 'ab/2.jpg' must be listed once but is in line 1 too");
    text(MILLION, "ab/2.jpg\nab/2\n");
    assertRefused(list + ":2", "image 'ab/2' must be listed once but is in line 1 too");
    text(MILLION, "ab/9.jpg\n");
    assertRefused(
        list + ":1", "image 'ab/9.jpg'" + NO_SUCH + root.toRealPath().resolve("revisitop1m/jpg"));
    text(MILLION, "../../jpg/a.png\n");
    assertRefused(
        list + ":1",
        "image '../../jpg/a.png' must lie under "
            + root.toRealPath().resolve("revisitop1m/jpg")
            + " but does not");
    text(MILLION, " \n");
    assertRefused("revisitop1m", "no distractor is there");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("revisitop1m/jpg/é.jpg");
    touch("revisitop1m/jpg/é.jpg");
    text(MILLION, "é.jpg\n", StandardCharsets.ISO_8859_1);
    assertThat(read().database()).extracting(DataSetImage::id).contains("revisitop1m/é.jpg");
  }

  private void flickr() {
    text("gt/x_1_query.txt", "a 1 2 30 20\n");
    text("gt/x_1_good.txt", "b\n");
    text("gt/x_1_ok.txt", "");
    text("gt/x_1_junk.txt", "");
    touch("oxc1_100k/bear/1.jpg", "oxc1_100k/bear/1.png", "oxc1_100k/zoo/1.jpg");
  }

  /** Nothing lists Flickr100k: what is there is added. */
  @Test
  void directoryWithoutAListIsTakenAsItIs() throws IOException {
    flickr();
    for (String name : List.of("oxford105k", "paris106k")) {
      assertThat(DataSets.read(name, root).database())
          .as(name)
          .extracting(DataSetImage::id)
          .containsExactly(
              "a",
              "b",
              "c",
              "q",
              "oxc1_100k/bear/1.jpg",
              "oxc1_100k/bear/1.png",
              "oxc1_100k/zoo/1.jpg");
    }
  }

  /** With three distractors: two right answers among six; hard and easy one among five. */
  @Test
  void perfectReversedAndRandomRankingsOfTheMillionAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    for (String protocol : List.of("medium", "hard", "easy")) {
      assertScores(perfect(set), protocol, revisited(1, 1, 1, 1));
    }
    // Right at 5 and 6; without the other one at 5.
    double two = ((0 + 1 / 5.0) / 2 + (1 / 5.0 + 2 / 6.0) / 2) / 2;
    assertScores(reversed(set), "medium", revisited(two, 0, 1 / 5.0, 2 / 6.0));
    assertRandom(set, "medium", RevisitedReaderTest.expected(2, 6));
    for (String protocol : List.of("hard", "easy")) {
      assertScores(reversed(set), protocol, revisited((0 + 1 / 5.0) / 2, 0, 1 / 5.0, 1 / 5.0));
      assertRandom(set, protocol, RevisitedReaderTest.expected(1, 5));
    }
  }

  /** One right answer among four images and three distractors. */
  @Test
  void perfectReversedAndRandomRankingsOfTheHundredThousandAreHandComputed() throws IOException {
    flickr();
    double random = 1;
    for (int r = 2; r <= 7; r++) {
      random += (0 + 1.0 / r) / 2;
    }
    for (String name : List.of("oxford105k", "paris106k")) {
      RetrievalDataSet set = DataSets.read(name, root);
      assertScores(perfect(set), "standard", standard(1, 1, 1 / 5.0, 1 / 10.0));
      assertScores(reversed(set), "standard", standard((0 + 1 / 7.0) / 2, 0, 0, 1 / 10.0));
      assertRandom(set, "standard", standard(random / 7, 1 / 7.0, 1 / 7.0, 1 / 10.0));
    }
  }
}
