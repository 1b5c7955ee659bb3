// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SmvsReaderTest extends ReaderFixture {
  SmvsReaderTest() {
    super("smvs");
  }

  @Override
  boolean hasTexts() {
    return false;
  }

  @BeforeEach
  void layout() {
    touch(
        "mvs_images/book_covers/Reference/001.jpg",
        "mvs_images/book_covers/Reference/002.jpg",
        "mvs_images/book_covers/Canon/001.jpg",
        "mvs_images/book_covers/Canon/002.jpg",
        "mvs_images/book_covers/iPhone/001.jpg",
        "mvs_images/landmarks/Reference/001.jpg",
        "mvs_images/landmarks/Query/001.jpg");
  }

  @Test
  void equalNamesInACategoryShowTheSame() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("smvs");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly(
            "book_covers/Reference/001", "book_covers/Reference/002", "landmarks/Reference/001");
    assertThat(set.protocols())
        .extracting(Protocol::name)
        .containsExactly("all", "book_covers", "landmarks");
    assertThat(set.queries())
        .extracting(Query::label)
        .containsExactly(
            "book_covers/Canon/001",
            "book_covers/Canon/002",
            "book_covers/iPhone/001",
            "landmarks/Query/001");
    assertThat(set.queries().get(3).judgments().good()).containsExactly("landmarks/Reference/001");
    assertThat(set.protocols().get(0).metrics().get(0)).isEqualTo(Metric.successAt(1));
  }

  @Test
  void damagedSetsAreRefused() {
    touch("mvs_images/book_covers/Canon/003.jpg");
    assertRefused(
        "mvs_images/book_covers/Canon/003.jpg",
        "query must have the number of an image in ROOT/mvs_images/book_covers/Reference but has"
            + " not; other assignments go into list.tsv");
    delete("mvs_images/book_covers/Canon/003.jpg");
    touch("mvs_images/cd_covers/Canon/001.jpg");
    assertRefused("mvs_images/cd_covers", "must have the directory Reference but has not");
    touch("mvs_images/cd_covers/Reference/001.jpg", "mvs_images/cd_covers/Reference/001.png");
    assertRefused(
        "mvs_images/cd_covers/Reference",
        "image '001' must be one file but is 001.jpg and 001.png");
  }

  @Test
  void categoryWithoutQueriesIsSearchedAndNoProtocol() throws IOException {
    touch("mvs_images/print/Reference/001.jpg");
    RetrievalDataSet set = read();
    assertThat(set.database()).hasSize(4);
    assertThat(set.protocols()).hasSize(3);
    for (String file :
        List.of(
            "book_covers/Canon/001.jpg",
            "book_covers/Canon/002.jpg",
            "book_covers/iPhone/001.jpg",
            "landmarks/Query/001.jpg")) {
      delete("mvs_images/" + file);
    }
    delete("mvs_images/book_covers/Canon");
    delete("mvs_images/book_covers/iPhone");
    delete("mvs_images/landmarks/Query");
    assertRefused("mvs_images", "no category with a query is there");
  }

  @Test
  void ownListIsReadInstead() throws IOException {
    text(
        "list.tsv",
        """
        image\tgroup\trole
        mvs_images/book_covers/Reference/001\ta\tdatabase
        mvs_images/book_covers/Canon/002\ta\tquery
        """);
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("smvs");
    assertThat(set.queries().get(0).judgments().good())
        .containsExactly("mvs_images/book_covers/Reference/001");
  }

  /** Nothing lists the queries, so one that is missing is not missed; a reference is. */
  @Test
  void queriesMayBeMissingAndReferencesMayNot() throws IOException {
    delete("mvs_images/book_covers/Canon/002.jpg");
    assertThat(read().queries()).hasSize(3);
    delete("mvs_images/book_covers/Reference/001.jpg");
    assertRefused(
        "mvs_images/book_covers/Canon/001.jpg",
        "query must have the number of an image in ROOT/mvs_images/book_covers/Reference but has"
            + " not; other assignments go into list.tsv");
  }

  @Test
  void namesMayBeBeyondAscii() throws IOException {
    assumeFileName("mvs_images/musées/Reference/é.jpg");
    touch("mvs_images/musées/Reference/é.jpg", "mvs_images/musées/Canon/é.jpg");
    assertThat(read().queries()).extracting(Query::label).contains("musées/Canon/é");
    touch("mvs_images/musées/Canon/é.png");
    assertRefused("mvs_images/musées/Canon", "image 'é' must be one file but is é.jpg and é.png");
  }

  /** One right answer among three for every query of every protocol. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    double random = (1 + (0 + 1 / 2.0) / 2 + (0 + 1 / 3.0) / 2) / 3;
    for (String protocol : List.of("all", "book_covers", "landmarks")) {
      assertScores(perfect(set), protocol, Map.of("success@1", 1.0, "mAP", 1.0));
      assertScores(reversed(set), protocol, Map.of("success@1", 0.0, "mAP", (0 + 1 / 3.0) / 2));
      assertRandom(set, protocol, Map.of("success@1", 1 / 3.0, "mAP", random));
    }
  }
}
