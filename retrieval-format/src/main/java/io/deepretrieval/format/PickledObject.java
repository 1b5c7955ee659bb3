// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.util.LinkedHashMap;
import java.util.Map;

/** The attributes of an object of Python that is read as data, a fitted PCA for instance. */
public final class PickledObject {
  private final String type;
  private final Map<Object, Object> attributes = new LinkedHashMap<>();

  PickledObject(String type) {
    this.type = type;
  }

  String type() {
    return type;
  }

  /**
   * Returns the attributes.
   *
   * @return from name to value, in the order of the pickle; the live map, which the reader modifies
   *     until the pickle ends
   */
  public Map<Object, Object> attributes() {
    return attributes;
  }

  @Override
  public String toString() {
    return type;
  }
}
