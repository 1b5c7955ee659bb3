// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.randomAp;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HolidaysReaderTest extends ReaderFixture {
  HolidaysReaderTest() {
    super("holidays", "holidays-upright");
  }

  /** Groups of 3, 2 and 1 images. */
  @BeforeEach
  void images() {
    touch(
        "jpg/100000.jpg",
        "jpg/100001.jpg",
        "jpg/100002.jpg",
        "jpg/100100.jpg",
        "jpg/100101.jpg",
        "jpg/149900.jpg");
  }

  @Override
  void addOptionalLists() {
    text("holidays_images.dat", "100100.jpg\n100101.jpg\n100000.jpg\n100001.jpg\n");
  }

  @Test
  void queriesAreJunkToThemselvesAndTheGroupIsRight() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("holidays");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("100000", "100001", "100002", "100100", "100101", "149900");
    assertThat(set.queries())
        .extracting(query -> query.image().id())
        .containsExactly("100000", "100100", "149900");
    assertThat(set.queries().get(0).judgments().good()).containsExactly("100001", "100002");
    assertThat(set.queries().get(0).judgments().junk()).containsExactly("100000");
    assertThat(set.queries().get(2).judgments().hasPositives()).isFalse();
    assertThat(DataSets.read("holidays-upright", root).queries()).isEqualTo(set.queries());
    assertThat(DataSets.read("holidays-upright", root).name()).isEqualTo("holidays-upright");
  }

  @Test
  void listGivesTheDatabaseAndItsOrder() throws IOException {
    text("holidays_images.dat", "\uFEFF100100.jpg\r\n\r\n100101.jpg \r\n100000.jpg\r\n100001.jpg");
    RetrievalDataSet set = read();
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("100100", "100101", "100000", "100001");
    assertThat(set.queries().get(0).judgments().good()).containsExactly("100001");
    delete("holidays_images.dat");
    text("eval_holidays/holidays_images.dat", "149900.jpg");
    assertThat(read().database()).hasSize(1);
  }

  @Test
  void damagedListsAreRefused() {
    text("holidays_images.dat", "100000.jpg\n\n100009.jpg\n");
    assertRefused("holidays_images.dat:3", "image '100009.jpg'" + NO_SUCH + "ROOT/jpg");
    text("holidays_images.dat", "100000.jpg\n100000.jpg\n");
    assertRefused("holidays_images.dat:2", "image '100000' must be listed once but is there twice");
    text("holidays_images.dat", "100001.jpg\n");
    assertRefused("", "group 1000 must have its query 100000 but has not");
  }

  @Test
  void damagedDirectoriesAreRefused() {
    delete("jpg/100100.jpg");
    assertRefused("", "group 1001 must have its query 100100 but has not");
    touch("jpg/100100.jpg", "jpg/photo.jpg");
    assertRefused("jpg", "image must be a number of six digits but was 'photo'");
    delete("jpg/photo.jpg");
    touch("jpg/100000.png");
    assertRefused("jpg", "image '100000' must be one file but is 100000.jpg and 100000.png");
  }

  @Test
  void namesBeyondSixDigitsAreRefusedInLatin1Too() {
    assumeFileName("jpg/été.jpg");
    text("holidays_images.dat", "100000.jpg\nété.jpg\n", StandardCharsets.ISO_8859_1);
    assertRefused("holidays_images.dat:2", "image 'été.jpg'" + NO_SUCH + "ROOT/jpg");
    touch("jpg/été.jpg");
    assertRefused("holidays_images.dat:2", "image must be a number of six digits but was 'été'");
  }

  /** Only a list can tell that an answer is missing. */
  @Test
  void answerMayBeMissingWhereThereIsNoList() throws IOException {
    delete("jpg/100002.jpg");
    assertThat(read().queries().get(0).judgments().good()).containsExactly("100001");
    text("holidays_images.dat", "100000.jpg\n100001.jpg\n100002.jpg\n");
    assertRefused("holidays_images.dat:3", "image '100002.jpg'" + NO_SUCH + "ROOT/jpg");
  }

  /** Without itself, a query has five images: two right ones, and one; the third has none. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertThat(perfect(set).get(0).skippedQueries()).hasSize(1);
    double p5 = (2 / 5.0 + 1 / 5.0) / 2;
    double p10 = (2 / 10.0 + 1 / 10.0) / 2;
    assertScores(perfect(set), "standard", standard(1, 1, p5, p10));
    // Right at 4 and 5, and at 5.
    double first = ((0 + 1 / 4.0) / 2 + (1 / 4.0 + 2 / 5.0) / 2) / 2;
    double second = (0 + 1 / 5.0) / 2;
    assertScores(reversed(set), "standard", standard((first + second) / 2, 0, p5, p10));
    assertRandom(
        set,
        "standard",
        standard((randomAp(2, 5) + randomAp(1, 5)) / 2, (2 / 5.0 + 1 / 5.0) / 2, p5, p10));
  }
}
