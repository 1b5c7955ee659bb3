// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide Oxford Buildings, plain and enlarged. */
public final class OxfordProviders {
  private OxfordProviders() {}

  /** Provides {@code oxford5k}, described at {@link DataSets}. */
  public static final class Oxford5k extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Oxford5k() {
      super("oxford5k", OXFORD, OxfordReader::oxford);
    }
  }

  /** Provides {@code oxford105k}, described at {@link DataSets}. */
  public static final class Oxford105k extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Oxford105k() {
      super("oxford105k", OXFORD, "oxford5k", OxfordReader::oxford, Distractors.FLICKR_100K);
    }
  }
}
