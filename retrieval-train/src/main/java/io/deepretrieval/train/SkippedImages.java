// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.train.data.SkippedImage;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The images that could not be read, each once, in the order in which that was seen. */
final class SkippedImages {
  private final Map<String, SkippedImage> byName = new LinkedHashMap<>();

  void addAll(Collection<SkippedImage> images) {
    images.forEach(this::add);
  }

  void add(SkippedImage image) {
    byName.putIfAbsent(image.image(), image);
  }

  boolean contains(String name) {
    return byName.containsKey(name);
  }

  List<SkippedImage> list() {
    return List.copyOf(byName.values());
  }
}
