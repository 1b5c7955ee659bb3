// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide INRIA Holidays, as published and turned upright. */
public final class HolidaysProviders {
  private static final String VERSIONS = "^(inria)?holidays.*";

  private HolidaysProviders() {}

  /** Provides {@code holidays}, described at {@link DataSets}. */
  public static final class AsPublished extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public AsPublished() {
      super("holidays", VERSIONS, HolidaysReader::read);
    }
  }

  /** Provides {@code holidays-upright}, described at {@link DataSets}. */
  public static final class Upright extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Upright() {
      super("holidays-upright", VERSIONS, HolidaysReader::read);
    }
  }
}
