// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Optional;

/** Gives back stored vectors by id. Thread-safe. */
public interface DescriptorSource {
  /**
   * Finds a vector.
   *
   * @param id the caller's id
   * @return the vector as it was added, bit for bit; empty if there is none of that id
   * @throws IllegalStateException if the source is closed
   */
  Optional<Descriptor> descriptor(String id);
}
