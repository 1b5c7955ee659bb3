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

final class SculpturesReaderTest extends ReaderFixture {
  SculpturesReaderTest() {
    super("sculptures6k");
  }

  @BeforeEach
  void layout() {
    image("test/Rodin_Thinker_0001.jpg");
    image("test/Rodin_Thinker_0002.jpg");
    image("test/Moore_Arch_0001.jpg");
    image("train/Rodin_Thinker_0003.jpg");
    text("gt/Rodin_Thinker_1_query.txt", "Rodin_Thinker_0001 1 2 30 20\n");
    text("gt/Rodin_Thinker_1_good.txt", "Rodin_Thinker_0001\nRodin_Thinker_0002\n");
    text("gt/Rodin_Thinker_1_ok.txt", "");
    text("gt/Rodin_Thinker_1_junk.txt", "");
  }

  @Test
  void testImagesAreTheDatabase() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("sculptures6k");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("Moore_Arch_0001", "Rodin_Thinker_0001", "Rodin_Thinker_0002");
    assertThat(set.queries().get(0).box()).contains(new Box(1, 2, 30, 20));
    assertThat(set.queries().get(0).judgments().good())
        .containsExactly("Rodin_Thinker_0001", "Rodin_Thinker_0002");
  }

  @Test
  void damagedSetsAreRefused() {
    text("gt/Rodin_Thinker_1_junk.txt", "\r\nRodin_Thinker_0003\r\n");
    assertRefused(
        "gt/Rodin_Thinker_1_junk.txt:2",
        "image 'Rodin_Thinker_0003' must be one of the 3 images but is not");
    text("gt/Rodin_Thinker_1_junk.txt", "");
    text("gt/Rodin_Thinker_1_query.txt", "\uFEFFRodin_Thinker_0001 41 2 50 20\n");
    assertRefused(
        "gt/Rodin_Thinker_1_query.txt:1",
        "box must overlap the image of 40x30 pixels but was 41.0,2.0,50.0,20.0");
    delete("gt/Rodin_Thinker_1_query.txt");
    assertRefused("gt", "no ground truth *_query.txt is there");
  }

  @Test
  void imagesJudgedTwiceAndQueriesAskedTwiceAreRefused() {
    text("gt/Rodin_Thinker_1_junk.txt", "Rodin_Thinker_0002\n");
    assertRefused(
        "gt/Rodin_Thinker_1_junk.txt:1",
        "image 'Rodin_Thinker_0002' must be judged once but is good (line 2 of that file) and junk");
    text("gt/Rodin_Thinker_1_junk.txt", "");
    text("gt/Rodin_Thinker_2_query.txt", "Rodin_Thinker_0001 1 2 30 20\n");
    assertRefused(
        "gt/Rodin_Thinker_2_query.txt:1",
        "query 'Rodin_Thinker_0001' with the box 1.0,2.0,30.0,20.0 must be asked once but is in"
            + " Rodin_Thinker_1_query.txt too");
    delete("gt/Rodin_Thinker_2_query.txt");
    image("test/Rodin_Thinker_0001.png");
    assertRefused(
        "test",
        "image 'Rodin_Thinker_0001' must be one file but is Rodin_Thinker_0001.jpg and"
            + " Rodin_Thinker_0001.png");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("test/Maillol_Méditerranée_0001.jpg");
    image("test/Maillol_Méditerranée_0001.jpg");
    text("gt/Rodin_Thinker_1_ok.txt", "Maillol_Méditerranée_0001\n", StandardCharsets.ISO_8859_1);
    assertThat(read().queries().get(0).judgments().ok())
        .containsExactly("Maillol_Méditerranée_0001");
  }

  @Test
  void ownListIsReadInstead() throws IOException {
    text(
        "list.tsv",
        "image\tgroup\trole\ntest/Moore_Arch_0001\tm\tdatabase\ntest/Rodin_Thinker_0001\tm\tquery\n");
    assertThat(read().database()).hasSize(1);
    assertThat(read().name()).isEqualTo("sculptures6k");
  }

  /** Two right answers among three. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertScores(perfect(set), "standard", standard(1, 1, 2 / 5.0, 2 / 10.0));
    // Right at 2 and 3.
    double reversed = ((0 + 1 / 2.0) / 2 + (1 / 2.0 + 2 / 3.0) / 2) / 2;
    assertScores(reversed(set), "standard", standard(reversed, 0, 2 / 5.0, 2 / 10.0));
    // Places 1 2, 1 3 and 2 3.
    double random = (1 + (1 + (1 / 2.0 + 2 / 3.0) / 2) / 2 + reversed) / 3;
    assertRandom(set, "standard", standard(random, 2 / 3.0, 2 / 5.0, 2 / 10.0));
  }
}
