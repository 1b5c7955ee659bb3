// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.eval.MadeResults;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublishedTest {
  @Test
  void everyRowOfTheTableIsWhole() throws IOException {
    Set<List<String>> keys = new HashSet<>();
    for (CSVRecord row : Published.table()) {
      assertThat(row.toList()).noneMatch(String::isBlank).hasSize(8);
      assertThat(DataSets.names()).contains(row.get("set"));
      assertThat(Double.parseDouble(row.get("value"))).isBetween(0.1, 1.0);
      assertThat(row.get("metric")).isEqualTo("mAP");
      assertThat(row.get("protocol")).isIn("standard", "easy", "medium", "hard");
      assertThat(Published.Overlap.of(row.get("overlap"))).isNotNull();
      assertThat(keys.add(row.toList().subList(0, 5))).as(row.toString()).isTrue();
    }
    assertThat(keys).hasSizeGreaterThan(100);
  }

  /** The table and the rule must not contradict each other. */
  @Test
  void markedRowsAreThoseTrainedOnTheSecondLandmarks() throws IOException {
    for (CSVRecord row : Published.table()) {
      assertThat(Published.Overlap.of(row.get("overlap")) == Published.Overlap.OVERLAP)
          .as(row.toString())
          .isEqualTo(Published.Overlap.isKnown(row.get("set"), row.get("training")));
    }
  }

  @Test
  void rowsOfASetComeByMethod() throws IOException {
    List<Published.Row> rows = Published.of("roxford5k");
    Published.Row first = rows.get(0);
    assertThat(first.method()).isEqualTo("VGG16 GeM, whitened, 3 scales");
    assertThat(first.training()).isEqualTo("SfM-120k");
    assertThat(first.overlap()).isEqualTo(Published.Overlap.NONE_FOUND);
    assertThat(first.values())
        .containsOnlyKeys("medium mAP", "hard mAP")
        .containsEntry("medium mAP", 0.609)
        .containsEntry("hard mAP", 0.329);
    assertThat(rows.stream().map(Published.Row::method)).contains("ResNet-101 DOLG");
    assertThat(Published.of("zubud")).isEmpty();
  }

  /** The README gives them in place of those of the paper. */
  @Test
  void croppedFiguresOfDolgAreThoseOfItsReadme() throws IOException {
    int rows = 0;
    for (CSVRecord row : Published.table()) {
      if (row.get("method").endsWith(" DOLG")) {
        boolean enlarged = row.get("set").endsWith("-1m");
        assertThat(row.get("source"))
            .as(row.toString())
            .isEqualTo(
                "feymanpriv/DOLG, "
                    + (enlarged ? "later " : "")
                    + "README, modified results with query cropping");
        rows++;
      }
    }
    assertThat(rows).isEqualTo(16);
  }

  /** The layout of a set may hold other images, which nobody has published figures for. */
  @Test
  void partOfASetIsNotComparable() {
    RetrievalDataSet set =
        RetrievalDataSet.of(
            "oxford5k", List.of(MadeResults.Small.FIRST), MadeResults.Small.DATA_SET.database());
    assertThat(
            Published.isComparable(
                MadeResults.result(set, List.of(MadeResults.ranked(MadeResults.Small.FIRST)))))
        .isFalse();
    assertThat(Published.isComparable(MadeResults.Small.RESULT)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "roxford5k, GLDv2-clean, true",
    "rparis6k-1m, gldv2 clean, true",
    "paris6k, Google Landmarks v2, true",
    "holidays, GLDv2-clean, false",
    "roxford5k, RGLDv2-clean, false",
    "roxford5k, SfM-120k, false",
    "roxford5k, Google Landmarks v1, false"
  })
  void overlapIsKnownByName(String set, String training, boolean expected) {
    assertThat(Published.Overlap.isKnown(set, training)).isEqualTo(expected);
  }

  @Test
  void otherWordForAnOverlapIsRefused() {
    assertThatThrownBy(() -> Published.Overlap.of("maybe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("overlap must be overlap, none found or not checked but was 'maybe'");
  }
}
