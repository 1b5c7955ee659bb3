// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A database whose right answers are the images of one label. For one thread. */
final class Labels {
  private final Map<String, DataSetImage> database = new LinkedHashMap<>();
  private final Map<String, Set<String>> idsByLabel = new HashMap<>();

  /** Adds an image with its labels, of which it may have none. */
  void add(DataSetImage image, Collection<String> labels, SourceLocation place)
      throws DataSetException {
    if (database.put(image.id(), image) != null) {
      throw place.error("image '" + image.id() + "' must be listed once but is there twice");
    }
    for (String label : labels) {
      idsByLabel.computeIfAbsent(label, l -> new LinkedHashSet<>()).add(image.id());
    }
  }

  boolean has(String label) {
    return idsByLabel.containsKey(label);
  }

  /** All of the labels are right, also the query itself if it is in the database. */
  Judgments all(Collection<String> labels) {
    Set<String> good = new LinkedHashSet<>();
    labels.forEach(label -> good.addAll(idsByLabel.getOrDefault(label, Set.of())));
    return new Judgments(good, Set.of(), Set.of());
  }

  /** All of the label are right but the query itself, which is dropped from its ranking. */
  Judgments others(String label, String self) {
    Set<String> good = new LinkedHashSet<>(idsByLabel.getOrDefault(label, Set.of()));
    good.remove(self);
    return new Judgments(good, Set.of(), database.containsKey(self) ? Set.of(self) : Set.of());
  }

  int size() {
    return database.size();
  }

  List<DataSetImage> database() {
    return new ArrayList<>(database.values());
  }
}
