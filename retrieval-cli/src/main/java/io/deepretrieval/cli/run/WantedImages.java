// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.ImageSource;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.QueryImage;
import io.deepretrieval.index.StoreReader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The images of a run and their keys. */
final class WantedImages {
  private final List<String> queryKeys;
  private final List<DataSetImage> database;
  private final List<QueryImage> queries;
  private final Map<String, Integer> databasePositions = new LinkedHashMap<>();
  private final Map<String, Integer> queryPositions = new HashMap<>();

  WantedImages(List<DataSetImage> database, List<QueryImage> queries) {
    this.database = database;
    this.queries = queries;
    for (int i = 0; i < database.size(); i++) {
      String key = CachingProvider.key(database.get(i).file(), Optional.empty());
      String own = key;
      // One file under two ids is two rows.
      for (int n = 2; databasePositions.putIfAbsent(own, i) != null; n++) {
        own = key + "#" + n;
      }
    }
    this.queryKeys =
        queries.stream()
            .map(query -> CachingProvider.key(query.image().file(), query.box()))
            .toList();
    for (int i = 0; i < queries.size(); i++) {
      if (!databasePositions.containsKey(queryKeys.get(i))) {
        queryPositions.putIfAbsent(queryKeys.get(i), i);
      }
    }
  }

  /** A key a query, in their order. */
  List<String> queryKeys() {
    return queryKeys;
  }

  int size() {
    return databasePositions.size() + queryPositions.size();
  }

  boolean has(String key) {
    return databasePositions.containsKey(key) || queryPositions.containsKey(key);
  }

  /** Made as they are drawn: a million of them would fill the memory. */
  Iterator<ExtractionItem> items() {
    Stream<ExtractionItem> searched =
        databasePositions.entrySet().stream()
            .map(
                entry ->
                    ExtractionItem.of(
                        entry.getKey(), ImageSource.of(database.get(entry.getValue()).file())));
    Stream<ExtractionItem> asked =
        IntStream.range(0, queries.size())
            .filter(i -> Integer.valueOf(i).equals(queryPositions.get(queryKeys.get(i))))
            .mapToObj(
                i ->
                    new ExtractionItem(
                        queryKeys.get(i),
                        ImageSource.of(queries.get(i).image().file()),
                        queries.get(i).box()));
    return Stream.concat(searched, asked).iterator();
  }

  /** Failures by what the data set calls the images. */
  List<ExtractionReport.Failure> named(List<ExtractionReport.Failure> failures) {
    return failures.stream()
        .map(failure -> new ExtractionReport.Failure(name(failure.id()), failure.reason()))
        .toList();
  }

  private String name(String key) {
    Integer position = databasePositions.get(key);
    if (position != null) {
      return database.get(position).id();
    }
    Integer asked = queryPositions.get(key);
    if (asked == null) {
      throw new NoSuchElementException("no image has the key " + key);
    }
    return queries.get(asked).label();
  }

  /** The ids of the database by key, those that could be described. */
  Map<String, String> database(StoreReader reader) {
    Set<String> present = new HashSet<>(reader.ids());
    Map<String, String> ids = new LinkedHashMap<>();
    databasePositions.forEach(
        (key, position) -> {
          if (present.contains(key)) {
            ids.put(key, database.get(position).id());
          }
        });
    return ids;
  }
}
