// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

/** Something that is found by its name through {@link java.util.ServiceLoader}. */
public interface NamedProvider {
  /**
   * Returns the name: lower-case kebab-case, persisted in recipes and stores, never reused.
   *
   * @return for instance {@code gem}
   */
  String name();
}
