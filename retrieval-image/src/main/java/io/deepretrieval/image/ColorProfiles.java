// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do with embedded ICC profiles. Most say sRGB in other words; converting by them
 * would take five times as long as decoding, to change nothing. Thread-safe; remembers the last
 * verdicts, because one camera writes one profile.
 */
final class ColorProfiles {
  private enum Verdict {
    /** Colors change by it. */
    CONVERT,
    /** Colors stay as they are. */
    SAME,
    /** Damaged, or for another kind of image. */
    UNUSABLE
  }

  private static final System.Logger LOG = System.getLogger(ColorProfiles.class.getName());

  /** Levels of 255 that rounding and the slightly different sRGB profiles account for. */
  private static final int SAME_WITHIN = 2;

  private static final int REMEMBERED = 32;
  private static final int MAX_REMEMBERED_BYTES = 1 << 16;

  private final Map<ByteBuffer, Verdict> verdicts =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Verdict> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * Finds the profile to convert by.
   *
   * @param icc the bytes in the file, or null
   * @param components color channels of the image: 1, 3 or 4
   * @return the profile; null if there is none, none for such images, or it says sRGB
   */
  @Nullable ICC_Profile toApply(byte @Nullable [] icc, int components) {
    return icc != null && verdict(icc, components) == Verdict.CONVERT
        ? ICC_Profile.getInstance(icc)
        : null;
  }

  /** Whether an image has a usable profile, be it sRGB or not. */
  boolean usable(byte @Nullable [] icc, int components) {
    return icc != null && verdict(icc, components) != Verdict.UNUSABLE;
  }

  private Verdict verdict(byte[] icc, int components) {
    // A profile has one number of channels, which the verdict depends on.
    ByteBuffer key = ByteBuffer.allocate(icc.length + 1).put(icc).put((byte) components).flip();
    synchronized (verdicts) {
      Verdict known = verdicts.get(key);
      if (known != null) {
        return known;
      }
    }
    Verdict made = examine(icc, components);
    if (icc.length <= MAX_REMEMBERED_BYTES) {
      synchronized (verdicts) {
        verdicts.put(key, made);
      }
    }
    return made;
  }

  private static Verdict examine(byte[] icc, int components) {
    try {
      ICC_Profile profile = ICC_Profile.getInstance(icc);
      if (profile.getNumComponents() != components
          || profile.getColorSpaceType()
              != (components == 1
                  ? ColorSpace.TYPE_GRAY
                  : components == 3 ? ColorSpace.TYPE_RGB : ColorSpace.TYPE_CMYK)) {
        return Verdict.UNUSABLE;
      }
      byte[] grid = grid(components);
      int colors = grid.length / components;
      byte[] converted = toSrgb(interleaved(grid, colors, 1, components), profile);
      for (int i = 0; i < converted.length; i++) {
        int before = grid[components == 1 ? i / 3 : i % grid.length] & 0xFF;
        if (components == 4 || Math.abs((converted[i] & 0xFF) - before) > SAME_WITHIN) {
          return Verdict.CONVERT;
        }
      }
      return Verdict.SAME;
    } catch (IllegalArgumentException | CMMException | IndexOutOfBoundsException e) {
      LOG.log(System.Logger.Level.DEBUG, "color profile cannot be used", e);
      return Verdict.UNUSABLE;
    }
  }

  /** All grays, or a grid of 9 levels a channel, or of 5 for inks. */
  private static byte[] grid(int components) {
    int levels = components == 1 ? 256 : components == 3 ? 9 : 5;
    int colors = (int) Math.pow(levels, components);
    byte[] grid = new byte[colors * components];
    for (int i = 0, o = 0; i < colors; i++) {
      for (int c = 0, rest = i; c < components; c++, rest /= levels) {
        grid[o++] = (byte) (rest % levels * 255 / (levels - 1));
      }
    }
    return grid;
  }

  /** Converts all samples of a raster, whose bands are the profile's channels. */
  static byte[] toSrgb(Raster source, ICC_Profile profile) {
    int width = source.getWidth();
    int height = source.getHeight();
    byte[] rgb = new byte[3 * width * height];
    ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null)
        .filter(source, interleaved(rgb, width, height, 3));
    return rgb;
  }

  /** A raster over bytes, pixel by pixel in the order of the channels. */
  static WritableRaster interleaved(byte[] data, int width, int height, int channels) {
    int[] offsets = new int[channels];
    for (int c = 0; c < channels; c++) {
      offsets[c] = c;
    }
    return Raster.createInterleavedRaster(
        new DataBufferByte(data, data.length),
        width,
        height,
        channels * width,
        channels,
        offsets,
        null);
  }
}
