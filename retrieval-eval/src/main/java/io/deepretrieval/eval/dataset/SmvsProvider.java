// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code smvs}, described at {@link DataSets}. */
public final class SmvsProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public SmvsProvider() {
    super("smvs", orGroups((name, root, missing) -> SmvsReader.read(name, root)));
  }
}
