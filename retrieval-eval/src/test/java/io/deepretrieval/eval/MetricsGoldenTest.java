// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The metrics against exact fractions; see {@code golden/README.md}. */
final class MetricsGoldenTest {
  private static List<String> ids(String column) {
    return column.isEmpty() ? List.of() : Arrays.asList(column.split(",", -1));
  }

  @Test
  void everyMetricEqualsItsDefinitionInExactFractions() throws IOException {
    String text;
    try (InputStream in = MetricsGoldenTest.class.getResourceAsStream("/golden/metrics.txt")) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    List<String> lines = text.lines().toList();
    assertThat(lines).hasSize(60);
    for (String line : lines) {
      String[] columns = line.split("\\|", -1);
      List<String> ranking = ids(columns[0]);
      Judgments judgments =
          new Judgments(
              new LinkedHashSet<>(ids(columns[1])), Set.of(), new LinkedHashSet<>(ids(columns[2])));
      double[] expected = ids(columns[3]).stream().mapToDouble(Double::parseDouble).toArray();
      double[] actual = {
        AveragePrecision.trapezoid(ranking, judgments),
        AveragePrecision.finiteSum(ranking, judgments),
        PrecisionAtK.plain(ranking, judgments, 1),
        PrecisionAtK.plain(ranking, judgments, 5),
        PrecisionAtK.plain(ranking, judgments, 10),
        PrecisionAtK.revisited(ranking, judgments, 1),
        PrecisionAtK.revisited(ranking, judgments, 5),
        PrecisionAtK.revisited(ranking, judgments, 10)
      };
      assertThat(actual).as(line).containsExactly(expected, within(1e-13));
    }
  }
}
