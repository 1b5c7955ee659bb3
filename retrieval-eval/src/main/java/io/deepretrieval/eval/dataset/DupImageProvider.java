// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code dupimage}, described at {@link DataSets}. */
public final class DupImageProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public DupImageProvider() {
    super("dupimage", orGroups((name, root, missing) -> DupImageReader.read(name, root)));
  }
}
