// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

/** Provide FlickrLogos. */
public final class FlickrLogosProviders {
  private static final String VERSIONS = "^flickrlogos.*";

  private FlickrLogosProviders() {}

  /** Provides {@code flickrlogos32}, described at {@link DataSets}. */
  public static final class Logos32 extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Logos32() {
      super(
          "flickrlogos32",
          VERSIONS,
          (name, root, missing) -> FlickrLogosReader.read32(name, root, false, missing));
    }
  }

  /** Provides {@code flickrlogos32-boxes}, described at {@link DataSets}. */
  public static final class Logos32Boxes extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Logos32Boxes() {
      super(
          "flickrlogos32-boxes",
          VERSIONS,
          (name, root, missing) -> FlickrLogosReader.read32(name, root, true, missing));
    }
  }

  /** Provides {@code flickrlogos47}, described at {@link DataSets}. */
  public static final class Logos47 extends StandardProvider {
    /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
    public Logos47() {
      super("flickrlogos47", VERSIONS, orGroups(FlickrLogosReader::read47));
    }
  }
}
