// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ZubudReaderTest extends ReaderFixture {
  private static final String TRUTH = "zubud_groundtruth.txt";

  ZubudReaderTest() {
    super("zubud");
  }

  @BeforeEach
  void layout() {
    for (int building = 1; building <= 3; building++) {
      for (int view = 1; view <= 2; view++) {
        touch("png-ZuBuD/object%04d.view%02d.png".formatted(building, view));
      }
    }
    touch("1000city/qimage/qimg0001.JPG", "1000city/qimage/qimg0002.JPG");
    text(TRUTH, "TEST\tTRAIN\n1\t2\n2\t003\n");
  }

  @Test
  void viewsOfTheBuildingAreRight() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("zubud");
    assertThat(set.database()).hasSize(6);
    assertThat(set.queries()).extracting(Query::label).containsExactly("qimg0001", "qimg0002");
    assertThat(set.queries().get(0).image().file())
        .isEqualTo(root.resolve("1000city/qimage/qimg0001.JPG"));
    assertThat(set.queries().get(0).judgments().good())
        .containsExactly("object0002.view01", "object0002.view02");
    assertThat(set.queries().get(1).judgments().good())
        .containsExactly("object0003.view01", "object0003.view02");
    assertThat(set.protocols().get(0).metrics())
        .containsExactly(Metric.successAt(1), Metric.averagePrecision());
  }

  @Test
  void lineEndsByteOrderMarkBlankLinesAndAMissingHeaderAreTolerated() throws IOException {
    RetrievalDataSet plain = read();
    text(TRUTH, "\uFEFF\r\nTEST TRAIN\r\n\r\n 1   2 \r\n2 3");
    assertThat(read().queries()).isEqualTo(plain.queries());
    text(TRUTH, "001 002\n002 003\n");
    assertThat(read().queries()).isEqualTo(plain.queries());
    touch("1000city/qimage/qimg0003.JPG");
    assertThat(read().queries()).isEqualTo(plain.queries());
  }

  @Test
  void damagedGroundTruthIsRefused() {
    text(TRUTH, "TEST\tTRAIN\n1\t9\n");
    assertRefused(TRUTH + ":2", "building 9 must have an image but has none");
    text(TRUTH, "TEST\tTRAIN\n\n7\t2\n");
    assertRefused(TRUTH + ":3", "image 'qimg0007'" + NO_SUCH + "ROOT/1000city/qimage");
    text(TRUTH, "1 2\n1 3\n");
    assertRefused(TRUTH + ":2", "query 1 must be listed once but is there twice");
    text(TRUTH, "1 2 3\n");
    assertRefused(TRUTH + ":1", "line must be 'query building' but was '1 2 3'");
    text(TRUTH, "1 two\n");
    assertRefused(TRUTH + ":1", "building must be a whole number but was 'two'");
    text(TRUTH, "TEST\tTRAIN\n");
    assertRefused(TRUTH, "must list queries but lists none");
    delete(TRUTH);
    assertRefused(TRUTH, "file does not exist");
  }

  @Test
  void otherImagesAmongTheViewsAreRefused() {
    touch("png-ZuBuD/object1.png");
    assertRefused(
        "png-ZuBuD", "image must be object, four digits, .view and two digits but was 'object1'");
  }

  @Test
  void namesBeyondNumbersAreRefusedInLatin1Too() {
    text(TRUTH, "TEST\tTRAIN\n1\t2\né\t2\n", StandardCharsets.ISO_8859_1);
    assertRefused(TRUTH + ":3", "query must be a whole number but was 'é'");
    text(TRUTH, "PRÜFUNG\tTRAIN\n1\t2\n", StandardCharsets.ISO_8859_1);
    assertRefused(TRUTH + ":1", "query must be a whole number but was 'PRÜFUNG'");
    assumeFileName("png-ZuBuD/é.png");
    touch("png-ZuBuD/é.png");
    assertRefused(
        "png-ZuBuD", "image must be object, four digits, .view and two digits but was 'é'");
  }

  /** Nothing lists the views; a building of which none is left is noticed if it is asked for. */
  @Test
  void viewMayBeMissingAndABuildingThatIsAskedForMayNot() throws IOException {
    delete("png-ZuBuD/object0002.view01.png");
    assertThat(read().queries().get(0).judgments().good()).containsExactly("object0002.view02");
    touch("png-ZuBuD/object0002.view02.JPG");
    assertRefused(
        "png-ZuBuD",
        "image 'object0002.view02' must be one file but is object0002.view02.JPG and"
            + " object0002.view02.png");
    delete("png-ZuBuD/object0002.view02.JPG");
    delete("png-ZuBuD/object0002.view02.png");
    assertRefused(TRUTH + ":2", "building 2 must have an image but has none");
  }

  /** Two right answers among six. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertScores(perfect(set), "standard", Map.of("success@1", 1.0, "mAP", 1.0));
    // Right at 5 and 6.
    double reversed = ((0 + 1 / 5.0) / 2 + (1 / 5.0 + 2 / 6.0) / 2) / 2;
    assertScores(reversed(set), "standard", Map.of("success@1", 0.0, "mAP", reversed));
    // A fifth of the places before a right one are right: place r adds (1/5 + (1 + (r-1)/5)/r)/2.
    double random = 1;
    for (int r = 2; r <= 6; r++) {
      random += (1 / 5.0 + (1 + (r - 1) / 5.0) / r) / 2;
    }
    assertRandom(set, "standard", Map.of("success@1", 2 / 6.0, "mAP", random / 6));
  }
}
