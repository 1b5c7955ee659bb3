// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide Paris, plain and enlarged. */
public final class ParisProviders {
  private ParisProviders() {}

  /** Provides {@code paris6k}, described at {@link DataSets}. */
  public static final class Paris6k extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Paris6k() {
      super("paris6k", PARIS, OxfordReader::paris);
    }
  }

  /** Provides {@code paris106k}, described at {@link DataSets}. */
  public static final class Paris106k extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Paris106k() {
      super("paris106k", PARIS, "paris6k", OxfordReader::paris, Distractors.FLICKR_100K);
    }
  }
}
