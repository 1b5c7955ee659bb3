// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * An index that changes in place. Searches may run while it changes; each sees a state between two
 * changes.
 */
public interface MutableIndex extends Index {
  /**
   * Adds a vector.
   *
   * @param id the caller's id, new to this index
   * @param descriptor its vector, of the dimension and recipe of the index
   * @throws IllegalArgumentException if the id is present, or dimension or recipe differ; the
   *     message has the id in single quotes and shows both dimensions or recipes
   * @throws IllegalStateException if the index is closed
   */
  void add(String id, Descriptor descriptor);

  /**
   * Removes a vector.
   *
   * @param id the caller's id
   * @return true if it was present
   * @throws IllegalStateException if the index is closed
   */
  boolean remove(String id);
}
