// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.randomAp;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UkBenchReaderTest extends ReaderFixture {
  UkBenchReaderTest() {
    super("ukbench");
  }

  @Override
  boolean hasTexts() {
    return false;
  }

  @BeforeEach
  void images() {
    for (int i : List.of(0, 1, 2, 3, 4, 5, 6, 7, 10196, 10197, 10198, 10199)) {
      touch("full/ukbench%05d.jpg".formatted(i));
    }
  }

  @Test
  void everyImageIsAQueryAndRightForItself() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("ukbench");
    assertThat(set.database()).hasSize(12);
    assertThat(set.queries()).hasSize(12);
    assertThat(set.queriesInDatabase()).isEqualTo(12);
    assertThat(set.queries().get(5).judgments().good())
        .containsExactly("ukbench00004", "ukbench00005", "ukbench00006", "ukbench00007");
    assertThat(set.queries().get(11).judgments().good()).contains("ukbench10199").hasSize(4);
    assertThat(set.queries().get(0).judgments().junk()).isEmpty();
    assertThat(set.protocols().get(0).metrics())
        .containsExactly(Metric.nisterStewenius(), Metric.averagePrecision());
  }

  @Test
  void incompleteGroupsAreRefused() {
    delete("full/ukbench00006.jpg");
    assertRefused(
        "full", "group of 4 from ukbench00004 on must be whole but ukbench00006 is missing");
    touch("full/ukbench00006.jpg");
    delete("full/ukbench10196.jpg");
    assertRefused(
        "full", "group of 4 from ukbench10196 on must be whole but ukbench10196 is missing");
    touch("full/ukbench10196.jpg");
    delete("full/ukbench10199.jpg");
    assertRefused(
        "full", "group of 4 from ukbench10196 on must be whole but ukbench10199 is missing");
    touch("full/ukbench10199.jpg");
    delete("full/ukbench00003.jpg");
    assertRefused(
        "full", "group of 4 from ukbench00000 on must be whole but ukbench00003 is missing");
  }

  @Test
  void otherImagesAreRefusedAndOtherFilesAreNot() throws IOException {
    touch("full/readme.txt", "full/._ukbench00000.jpg");
    assertThat(read().database()).hasSize(12);
    touch("full/ukbench1.jpg");
    assertRefused("full", "image must be ukbench and five digits but was 'ukbench1'");
    delete("full/ukbench1.jpg");
    touch("full/ukbench00000.png");
    assertRefused(
        "full",
        "image 'ukbench00000' must be one file but is ukbench00000.jpg and" + " ukbench00000.png");
  }

  @Test
  void directoryWithoutImagesIsRefused() throws IOException {
    for (DataSetImage image : read().database()) {
      delete("full/" + image.id() + ".jpg");
    }
    assertRefused("full", "no image is there");
  }

  @Test
  void wholeGroupsMayBeMissing() throws IOException {
    for (int i = 4; i < 8; i++) {
      delete("full/ukbench%05d.jpg".formatted(i));
    }
    assertThat(read().queries()).hasSize(8);
  }

  /** Four right answers among twelve. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    assertScores(perfect(set), "standard", Map.of("N-S", 4.0, "mAP", 1.0));
    double expected = 0;
    for (int j = 0; j < 4; j++) {
      expected += (j / (8.0 + j) + (j + 1) / (9.0 + j)) / 2 / 4;
    }
    assertScores(reversed(set), "standard", Map.of("N-S", 0.0, "mAP", expected));
    // Of the first four places a third is right.
    assertRandom(set, "standard", Map.of("N-S", 4 * 4 / 12.0, "mAP", randomAp(4, 12)));
  }
}
