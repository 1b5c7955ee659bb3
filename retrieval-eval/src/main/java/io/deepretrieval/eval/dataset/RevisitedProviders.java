// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide the revisited Oxford and Paris, plain and enlarged. */
public final class RevisitedProviders {
  private RevisitedProviders() {}

  /** Provides {@code roxford5k}, described at {@link DataSets}. */
  public static final class Oxford extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Oxford() {
      super("roxford5k", OXFORD, RevisitedReader::read);
    }
  }

  /** Provides {@code rparis6k}, described at {@link DataSets}. */
  public static final class Paris extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Paris() {
      super("rparis6k", PARIS, RevisitedReader::read);
    }
  }

  /** Provides {@code roxford5k-1m}, described at {@link DataSets}. */
  public static final class OxfordMillion extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public OxfordMillion() {
      super("roxford5k-1m", OXFORD, "roxford5k", RevisitedReader::read, Distractors.REVISITED_1M);
    }
  }

  /** Provides {@code rparis6k-1m}, described at {@link DataSets}. */
  public static final class ParisMillion extends BuildingsProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public ParisMillion() {
      super("rparis6k-1m", PARIS, "rparis6k", RevisitedReader::read, Distractors.REVISITED_1M);
    }
  }
}
