// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RandomRankingTest {
  private static DataSetImage image(String id) {
    return new DataSetImage(id, Path.of(id));
  }

  /** One query for each number of right answers; the last {@code junk} images are junk. */
  private static RetrievalDataSet dataSet(int size, int junk, int... positives) {
    List<DataSetImage> database = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      database.add(image("d" + i));
    }
    List<Query> queries = new ArrayList<>();
    for (int n : positives) {
      Judgments judgments = new Judgments(ids(0, n), Set.of(), ids(size - junk, size));
      queries.add(new Query(image("q" + queries.size()), Optional.empty(), judgments));
    }
    return RetrievalDataSet.of("made", queries, database);
  }

  private static Set<String> ids(int from, int to) {
    Set<String> ids = new LinkedHashSet<>();
    for (int i = from; i < to; i++) {
      ids.add("d" + i);
    }
    return ids;
  }

  @Test
  void expectationOfSmallDatabasesIsHandComputed() {
    assertThat(RandomRanking.meanAveragePrecision(dataSet(1, 0, 1))).isEqualTo(1);
    // The one right answer of two is first or second: 1 or (0 + 1/2)/2.
    assertThat(RandomRanking.meanAveragePrecision(dataSet(2, 0, 1))).isEqualTo(0.625);
    // Two of three: places 12, 13, 23.
    assertThat(RandomRanking.meanAveragePrecision(dataSet(3, 0, 2)))
        .isCloseTo((1 + (1 + 7 / 12.0) / 2 + (0.25 + 7 / 12.0) / 2) / 3, within(1e-15));
    assertThat(RandomRanking.meanAveragePrecision(dataSet(9, 0, 9))).isCloseTo(1, within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({"5,2", "6,3", "8,1", "10,4", "12,11"})
  void expectationIsTheMeanOverAllRankings(int size, int positives) {
    double sum = 0;
    int rankings = 0;
    for (int bits = 0; bits < 1 << size; bits++) {
      if (Integer.bitCount(bits) == positives) {
        int[] ranks = new int[positives];
        for (int r = 0, j = 0; r < size; r++) {
          if ((bits >> r & 1) == 1) {
            ranks[j++] = r;
          }
        }
        sum += AveragePrecision.trapezoid(ranks, positives);
        rankings++;
      }
    }
    assertThat(RandomRanking.meanAveragePrecision(dataSet(size, 0, positives)))
        .isCloseTo(sum / rankings, within(1e-13));
  }

  @Test
  void junkMakesTheDatabaseSmallerAndQueriesAreAveraged() {
    assertThat(RandomRanking.meanAveragePrecision(dataSet(12, 7, 2)))
        .isEqualTo(RandomRanking.meanAveragePrecision(dataSet(5, 0, 2)));
    assertThat(RandomRanking.meanAveragePrecision(dataSet(5, 0, 2, 0, 4)))
        .isEqualTo(
            (RandomRanking.meanAveragePrecision(dataSet(5, 0, 2))
                    + RandomRanking.meanAveragePrecision(dataSet(5, 0, 4)))
                / 2);
  }

  @ParameterizedTest
  @CsvSource({"1,1,0", "30,1,0", "40,5,3", "200,40,10", "20,20,0"})
  void drawnRankingsComeNearTheExpectation(int size, int positives, int junk) {
    RetrievalDataSet dataSet = dataSet(size, junk, positives);
    long seed = 7;
    // AP is in [0, 1], so the standard error of 20,000 rankings is below 0.0036; four of them.
    assertThat(RandomRanking.expectedMeanAveragePrecision(dataSet, seed, 20_000))
        .as("seed " + seed)
        .isCloseTo(RandomRanking.meanAveragePrecision(dataSet), within(0.0145));
  }

  @Test
  void drawingIsDeterminedByTheSeed() {
    RetrievalDataSet dataSet = dataSet(50, 0, 3, 5);
    double first = RandomRanking.expectedMeanAveragePrecision(dataSet, 1, 10);
    assertThat(RandomRanking.expectedMeanAveragePrecision(dataSet, 1, 10)).isEqualTo(first);
    assertThat(RandomRanking.expectedMeanAveragePrecision(dataSet, 2, 10)).isNotEqualTo(first);
  }

  @Test
  void refusesNoRepetitionAndNoRightAnswer() {
    assertThatThrownBy(() -> RandomRanking.expectedMeanAveragePrecision(dataSet(3, 0, 1), 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("repetitions must be at least 1 but was 0");
    assertThatThrownBy(() -> RandomRanking.meanAveragePrecision(dataSet(3, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 'made' must have a query with a right answer but has none");
  }
}
