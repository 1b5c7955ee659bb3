// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code sculptures6k}, described at {@link DataSets}. */
public final class SculpturesProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public SculpturesProvider() {
    super("sculptures6k", "^sculptures?6k.*", orGroups(OxfordReader::sculptures));
  }
}
