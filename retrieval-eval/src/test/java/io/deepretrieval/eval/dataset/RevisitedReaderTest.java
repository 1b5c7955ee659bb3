// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.ap;
import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.randomAp;
import static io.deepretrieval.eval.dataset.HandScores.randomRevisitedPrecision;
import static io.deepretrieval.eval.dataset.HandScores.revisited;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scores of the revisited sets. Ten images, a to j. Query q: a and b easy, c hard, d junk. Query r:
 * a and e hard, b junk, nothing easy.
 */
final class RevisitedReaderTest extends ReaderFixture {
  RevisitedReaderTest() {
    super("roxford5k", "rparis6k");
  }

  @Override
  boolean hasTexts() {
    return false;
  }

  @BeforeEach
  void layout() {
    String[] names = "abcdefghijqr".split("", -1);
    for (String name : names) {
      touch("jpg/" + name + ".jpg");
    }
    TruthFiles truth =
        new TruthFiles()
            .images("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
            .query(
                "q",
                List.of(0, 0, 9, 9),
                "easy",
                List.of(0, 1),
                "hard",
                List.of(2),
                "junk",
                List.of(3))
            .query(
                "r",
                List.of(0, 0, 9, 9),
                "easy",
                List.of(),
                "hard",
                List.of(0, 4),
                "junk",
                List.of(1));
    TruthFiles.pickle(root.resolve("gnd_roxford5k.pkl"), truth.dict());
    TruthFiles.pickle(root.resolve("gnd_rparis6k.pkl"), truth.dict());
  }

  @ParameterizedTest
  @ValueSource(strings = {"roxford5k", "rparis6k"})
  void perfectRankingIsPerfectByEveryProtocol(String name) throws IOException {
    List<ProtocolResult> perfect = perfect(DataSets.read(name, root));
    for (String protocol : List.of("medium", "hard", "easy")) {
      // No right answer is behind a wrong one, so mP@k looks at right ones only.
      assertScores(perfect, protocol, revisited(1, 1, 1, 1));
    }
    assertThat(perfect.get(2).skippedQueries()).extracting(Query::label).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"roxford5k", "rparis6k"})
  void reversedRankingsAreHandComputed(String name) throws IOException {
    List<ProtocolResult> reversed = reversed(DataSets.read(name, root));
    // q is answered by d j i h g f e c b a, r by b j i h g f d c e a.
    // Medium without junk: q right at 7, 8, 9, r at 8, 9; nothing right in the first five.
    assertScores(
        reversed,
        "medium",
        revisited((ap(3, 7, 8, 9) + ap(2, 8, 9)) / 2, 0, 0, (3 / 9.0 + 2 / 9.0) / 2));
    // Hard: a and b are junk for q, whose c is at 7.
    assertScores(
        reversed, "hard", revisited((ap(1, 7) + ap(2, 8, 9)) / 2, 0, 0, (1 / 7.0 + 2 / 9.0) / 2));
    // Easy: c is junk for q, whose b and a are at 7 and 8; r is skipped.
    assertScores(reversed, "easy", revisited(ap(2, 7, 8), 0, 0, 2 / 8.0));
  }

  @Test
  void randomRankingsComeNearTheClosedForms() throws IOException {
    RetrievalDataSet set = read();
    // Right answers and candidates: q 3 of 9, r 2 of 9.
    assertRandom(set, "medium", expected(3, 9, 2, 9));
    // q 1 of 7, r 2 of 9.
    assertRandom(set, "hard", expected(1, 7, 2, 9));
    // q 2 of 8.
    assertRandom(set, "easy", expected(2, 8));
  }

  static Map<String, Double> expected(int n, int size) {
    return expected(n, size, n, size);
  }

  /** The mean of two queries. */
  private static Map<String, Double> expected(int n1, int size1, int n2, int size2) {
    return revisited(
        (randomAp(n1, size1) + randomAp(n2, size2)) / 2,
        ((double) n1 / size1 + (double) n2 / size2) / 2,
        (randomRevisitedPrecision(n1, size1, 5) + randomRevisitedPrecision(n2, size2, 5)) / 2,
        (randomRevisitedPrecision(n1, size1, 10) + randomRevisitedPrecision(n2, size2, 10)) / 2);
  }
}
