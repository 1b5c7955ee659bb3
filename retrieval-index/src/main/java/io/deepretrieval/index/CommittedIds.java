// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Where the ids of a committed state are. */
final class CommittedIds {
  private record RowLocation(int segment, int row) {}

  private final Path directory;
  private final Map<String, RowLocation> places = new HashMap<>();

  CommittedIds(Path directory) {
    this.directory = directory;
  }

  /**
   * Notes the live rows of some segments.
   *
   * @param from number of the first segment that is new
   * @throws IOException if an id is there twice
   */
  void add(List<StoredSegment> segments, int from) throws IOException {
    for (int s = from; s < segments.size(); s++) {
      StoredSegment segment = segments.get(s);
      for (int row = 0; row < segment.rows(); row++) {
        if (segment.isLive(row) && places.put(segment.id(row), new RowLocation(s, row)) != null) {
          throw new IOException(
              "store "
                  + directory
                  + " must have each id once but has '"
                  + segment.id(row)
                  + "' twice");
        }
      }
    }
  }

  /** Returns rows by the number of their segment. */
  Map<Integer, List<Integer>> rowsOf(Set<String> ids) {
    Map<Integer, List<Integer>> rows = new HashMap<>();
    for (String id : ids) {
      RowLocation place = Objects.requireNonNull(places.get(id));
      rows.computeIfAbsent(place.segment, s -> new ArrayList<>()).add(place.row);
    }
    return rows;
  }

  boolean contains(String id) {
    return places.containsKey(id);
  }

  int size() {
    return places.size();
  }

  void removeAll(Set<String> ids) {
    ids.forEach(places::remove);
  }

  void clear() {
    places.clear();
  }
}
