// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provides {@code groups}, described at {@link DataSets}. */
public final class GroupsProvider extends StandardProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public GroupsProvider() {
    super("groups", GroupsReader::read);
  }
}
