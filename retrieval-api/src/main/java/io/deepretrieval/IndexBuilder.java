// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/** Collects vectors for an {@link Index}. For one thread; builds once. */
public interface IndexBuilder {
  /**
   * Adds a vector. The first one sets dimension and recipe.
   *
   * @param id the caller's id, new to this builder
   * @param descriptor its vector
   * @return this builder
   * @throws IllegalArgumentException if the id was added before, or dimension or recipe differ from
   *     the first; the message has the id in single quotes and shows both dimensions or recipes
   * @throws IllegalStateException if {@link #build} was called
   */
  IndexBuilder add(String id, Descriptor descriptor);

  /**
   * Makes the index.
   *
   * @return an index over all vectors, in the order of their adding
   * @throws IllegalStateException if no vector was added and no dimension was given, or if it was
   *     called before
   */
  Index build();
}
