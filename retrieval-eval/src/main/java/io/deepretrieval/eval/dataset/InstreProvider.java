// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code instre}, described at {@link DataSets}. */
public final class InstreProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public InstreProvider() {
    super("instre", "^instre.*", InstreReader::read);
  }
}
