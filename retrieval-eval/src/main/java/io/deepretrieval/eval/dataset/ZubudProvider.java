// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code zubud}, described at {@link DataSets}. */
public final class ZubudProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public ZubudProvider() {
    super("zubud", ZubudReader::read);
  }
}
