// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Figures that others published, to stand beside a result. */
final class Published {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).setCommentMarker('#').get();

  /** What the published figures were measured on: queries, and images at least. */
  private static final Map<String, int[]> SIZES =
      Map.ofEntries(
          Map.entry("oxford5k", new int[] {55, 5_000}),
          Map.entry("paris6k", new int[] {55, 6_300}),
          Map.entry("oxford105k", new int[] {55, 100_000}),
          Map.entry("paris106k", new int[] {55, 100_000}),
          Map.entry("holidays", new int[] {500, 990}),
          Map.entry("roxford5k", new int[] {70, 4_900}),
          Map.entry("rparis6k", new int[] {70, 6_200}),
          Map.entry("roxford5k-1m", new int[] {70, 1_000_000}),
          Map.entry("rparis6k-1m", new int[] {70, 1_000_000}));

  private Published() {}

  /** Whether a run was over the real data set and not over a part or an example of its layout. */
  static boolean isComparable(EvaluationResult result) {
    int[] size = SIZES.get(result.dataSet());
    return size != null
        && result.queries().size() + result.skippedQueries().size() == size[0]
        && result.databaseSize() >= size[1];
  }

  /** Whether a training set shows what the queries of a test set show. */
  enum Overlap {
    /** It is known to. */
    OVERLAP("overlap"),
    /** Somebody looked and found none. */
    NONE_FOUND("none found"),
    /** Nobody is known to have looked. */
    NOT_CHECKED("not checked");

    private final String word;

    Overlap(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static Overlap of(String word) {
      for (Overlap overlap : values()) {
        if (overlap.word.equals(word)) {
          return overlap;
        }
      }
      throw new IllegalArgumentException(
          "overlap must be overlap, none found or not checked but was '" + word + "'");
    }

    /**
     * Judges a training set by its name. GLDv2-clean has landmarks of 36 of the 70 queries of
     * ROxford and 38 of 70 of RParis, whose buildings are those of Oxford and Paris.
     */
    static boolean isKnown(String dataSet, String training) {
      String name = training.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
      boolean second =
          name.matches(".*(gldv2|googlelandmarksv2|googlelandmarksdatasetv2).*")
              && !name.contains("rgldv2");
      return second && dataSet.matches("r?(oxford|paris).*");
    }
  }

  /**
   * A method and what it reached.
   *
   * @param method network, pooling and dimension
   * @param training the training set
   * @param source where the figures stand
   * @param values from {@code protocol + " " + metric} to a value in the unit of {@link Metric}
   */
  record Row(
      String method, String training, Overlap overlap, String source, Map<String, Double> values) {}

  static String key(String protocol, String metric) {
    return protocol + " " + metric;
  }

  /** Returns what is known for a data set, in the order of the table. */
  static List<Row> of(String dataSet) throws IOException {
    Map<List<String>, Row> rows = new LinkedHashMap<>();
    for (CSVRecord line : table()) {
      if (line.get("set").equals(dataSet)) {
        Overlap overlap = Overlap.of(line.get("overlap"));
        List<String> key = List.of(line.get("method"), line.get("training"), line.get("source"));
        rows.computeIfAbsent(
                key, k -> new Row(k.get(0), k.get(1), overlap, k.get(2), new LinkedHashMap<>()))
            .values()
            .put(key(line.get("protocol"), line.get("metric")), Double.valueOf(line.get("value")));
      }
    }
    return new ArrayList<>(rows.values());
  }

  static List<CSVRecord> table() throws IOException {
    try (InputStream in = Published.class.getResourceAsStream("published.csv");
        Reader reader =
            new InputStreamReader(
                Objects.requireNonNull(in, "published.csv"), StandardCharsets.UTF_8);
        CSVParser parser = CSVParser.parse(reader, FORMAT)) {
      return parser.getRecords();
    }
  }
}
