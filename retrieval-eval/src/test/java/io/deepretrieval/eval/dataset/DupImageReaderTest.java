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

final class DupImageReaderTest extends ReaderFixture {
  DupImageReaderTest() {
    super("dupimage");
  }

  @BeforeEach
  void layout() {
    touch("g1/a.jpg", "g1/b.jpg", "g1/c.jpg", "g2/a.jpg", "g2/deep/d.jpg", "loose.jpg");
  }

  @Override
  void addOptionalLists() {
    text("queries.txt", "g2/a.jpg\ng1/b\n");
  }

  @Test
  void everyImageOfAGroupIsAQueryForTheOthers() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("dupimage");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "g1/a.jpg", "g1/b.jpg", "g1/c.jpg", "g2/a.jpg", "g2/deep/d.jpg", "loose.jpg");
    assertThat(set.queries()).hasSize(5);
    assertThat(set.queries().get(0).judgments().good()).containsExactly("g1/b.jpg", "g1/c.jpg");
    assertThat(set.queries().get(0).judgments().junk()).containsExactly("g1/a.jpg");
    assertThat(set.queries().get(4).judgments().good()).containsExactly("g2/a.jpg");
  }

  @Test
  void listNamesTheQueries() throws IOException {
    text("queries.txt", "\uFEFFg2/a.jpg\r\n\r\ng1/b\r\n");
    assertThat(read().queries())
        .extracting(query -> query.image().id())
        .containsExactly("g2/a.jpg", "g1/b.jpg");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("g1/é.jpg");
    touch("g1/é.jpg");
    text("queries.txt", "g1/é.jpg", StandardCharsets.ISO_8859_1);
    assertThat(read().queries().get(0).image().id()).isEqualTo("g1/é.jpg");
  }

  @Test
  void damagedListsAreRefused() {
    text("queries.txt", "\ng1/z.jpg");
    assertRefused("queries.txt:2", "image 'g1/z.jpg'" + NO_SUCH + "ROOT");
    text("queries.txt", "g1/a.jpg\ng1/a\n");
    assertRefused("queries.txt:2", "query 'g1/a' must be listed once but is there twice");
    text("queries.txt", "loose.jpg");
    assertRefused(
        "queries.txt:1",
        "query 'loose.jpg' must be an image in the directory of a group but is not");
    text("queries.txt", "");
    assertRefused("queries.txt", "must list queries but is empty");
  }

  @Test
  void directoriesWithoutImagesAreRefused() {
    for (String file : new String[] {"g1/a", "g1/b", "g1/c", "g2/a", "g2/deep/d"}) {
      delete(file + ".jpg");
    }
    assertRefused("", "no directory with an image is there");
    delete("loose.jpg");
    assertRefused("", "no image is there");
  }

  @Test
  void ownListIsReadInstead() throws IOException {
    text("list.tsv", "image\tgroup\trole\ng1/a\tx\tboth\nloose\tx\tboth\n");
    assertThat(read().queries().get(0).judgments().good()).containsExactly("loose");
    assertThat(read().name()).isEqualTo("dupimage");
  }

  /** Nothing lists the answers. A name with another ending is another image. */
  @Test
  void answersMayBeMissingOrThereWithTwoEndings() throws IOException {
    delete("g1/c.jpg");
    touch("g1/b.png");
    assertThat(read().queries().get(0).judgments().good()).containsExactly("g1/b.jpg", "g1/b.png");
    text("queries.txt", "g1/b");
    assertRefused("queries.txt:1", "image 'g1/b' must be one file but is g1/b.jpg and g1/b.png");
  }

  /** Without itself a query has five images: two right ones for three queries, one for two. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    double p5 = (3 * 2 / 5.0 + 2 * 1 / 5.0) / 5;
    assertScores(perfect(set), "standard", standard(1, 1, p5, p5 / 2));
    // Right at 4 and 5, and at 5.
    double two = ((0 + 1 / 4.0) / 2 + (1 / 4.0 + 2 / 5.0) / 2) / 2;
    double one = (0 + 1 / 5.0) / 2;
    assertScores(reversed(set), "standard", standard((3 * two + 2 * one) / 5, 0, p5, p5 / 2));
    // All five are looked at, so that P@1 is P@5 on average.
    assertRandom(
        set, "standard", standard((3 * randomAp(2, 5) + 2 * randomAp(1, 5)) / 5, p5, p5, p5 / 2));
  }
}
