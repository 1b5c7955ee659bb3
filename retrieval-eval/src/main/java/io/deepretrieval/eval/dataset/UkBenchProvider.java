// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code ukbench}, described at {@link DataSets}. */
public final class UkBenchProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public UkBenchProvider() {
    super(
        "ukbench",
        "^(uk(y)?bench|ukb$).*",
        (name, root, missing) -> UkBenchReader.read(name, root));
  }
}
