// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a reader returns into {@code [H,W,3]} bytes of sRGB on white.
 *
 * <p>Gray samples are repeated, not converted: Java calls gray without a profile linear, files mean
 * the curve of sRGB.
 */
final class Pixels {
  private static final int MAX_BITS = 16;

  private final ColorProfiles profiles;

  Pixels(ColorProfiles profiles) {
    this.profiles = profiles;
  }

  /**
   * Converts an image.
   *
   * @param icc profile of the file, if the reader ignored it
   */
  byte[] toRgb(BufferedImage image, byte @Nullable [] icc) {
    ColorModel model = image.getColorModel();
    if (model instanceof IndexColorModel palette) {
      return indexed(image.getRaster(), palette, profiles.toApply(icc, 3));
    }
    if (model.isAlphaPremultiplied()) {
      image.coerceData(false);
      model = image.getColorModel();
    }
    ColorSpace space = model.getColorSpace();
    boolean standard = space.isCS_sRGB() || space == ColorSpace.getInstance(ColorSpace.CS_GRAY);
    byte[] embedded =
        !standard && space instanceof ICC_ColorSpace applied ? applied.getProfile().getData() : icc;
    int colors = model.getNumColorComponents();
    ICC_Profile profile = profiles.toApply(embedded, colors);
    boolean alpha = model.hasAlpha();
    if (profile != null) {
      byte[] out = ColorProfiles.toSrgb(bands(image.getRaster(), colors), profile);
      if (alpha) {
        layOnWhite(out, image);
      }
      return out;
    }
    if (!standard && !profiles.usable(embedded, colors)) {
      return packed(image);
    }
    byte[] out = interleaved(image.getRaster(), colors, alpha);
    return out != null ? out : samples(image, colors, alpha);
  }

  /**
   * Converts inks; without a profile red = (1 - cyan)(1 - black), likewise green and blue.
   *
   * @param inverted whether a sample of 255 means no ink
   */
  byte[] ofInks(Raster raster, Scan.Color inks, boolean inverted, byte @Nullable [] icc) {
    byte[] light = light(raster, inks, inverted);
    int width = raster.getWidth();
    int height = raster.getHeight();
    ICC_Profile profile = profiles.toApply(icc, 4);
    if (profile != null) {
      for (int i = 0; i < light.length; i++) {
        light[i] = (byte) ~light[i];
      }
      return ColorProfiles.toSrgb(ColorProfiles.interleaved(light, width, height, 4), profile);
    }
    byte[] out = new byte[3 * width * height];
    for (int i = 0, o = 0; i < light.length; i += 4) {
      int k = light[i + 3] & 0xFF;
      out[o++] = (byte) (((light[i] & 0xFF) * k + 127) / 255);
      out[o++] = (byte) (((light[i + 1] & 0xFF) * k + 127) / 255);
      out[o++] = (byte) (((light[i + 2] & 0xFF) * k + 127) / 255);
    }
    return out;
  }

  /** What each ink lets through, [H,W,4]. */
  private static byte[] light(Raster raster, Scan.Color inks, boolean inverted) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] scale = scaleTo8(raster.getSampleModel().getSampleSize(0));
    int[] row = new int[width * bands];
    byte[] out = new byte[4 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        for (int b = 0; b < 4; b++) {
          int sample = scale[row[i + b]] & 0xFF;
          out[o + b] = (byte) (inverted ? sample : 255 - sample);
        }
        if (inks == Scan.Color.YCCK) {
          // The factors of JFIF; they give the inks, where the file stores what is not inked.
          int luma = out[o] & 0xFF;
          int blue = (out[o + 1] & 0xFF) - 128;
          int red = (out[o + 2] & 0xFF) - 128;
          out[o] = (byte) (255 - clip(luma + 1.402 * red));
          out[o + 1] = (byte) (255 - clip(luma - 0.344136 * blue - 0.714136 * red));
          out[o + 2] = (byte) (255 - clip(luma + 1.772 * blue));
        }
        o += 4;
      }
    }
    return out;
  }

  private static int clip(double value) {
    return (int) Math.round(Math.min(255, Math.max(0, value)));
  }

  private static byte[] indexed(
      Raster raster, IndexColorModel palette, @Nullable ICC_Profile profile) {
    int[] argb = new int[Math.max(palette.getMapSize(), 1 << palette.getPixelSize())];
    Arrays.fill(argb, 0xFF000000);
    palette.getRGBs(argb);
    byte[] colors = new byte[3 * argb.length];
    for (int i = 0; i < argb.length; i++) {
      colors[3 * i] = (byte) (argb[i] >> 16);
      colors[3 * i + 1] = (byte) (argb[i] >> 8);
      colors[3 * i + 2] = (byte) argb[i];
    }
    if (profile != null) {
      colors = ColorProfiles.toSrgb(ColorProfiles.interleaved(colors, argb.length, 1, 3), profile);
    }
    for (int i = 0; i < argb.length; i++) {
      int a = argb[i] >>> 24;
      for (int k = 3 * i; k < 3 * i + 3; k++) {
        colors[k] = onWhite(colors[k] & 0xFF, a);
      }
    }
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] out = new byte[3 * width * height];
    int[] row = new int[width];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int index : row) {
        out[o++] = colors[3 * index];
        out[o++] = colors[3 * index + 1];
        out[o++] = colors[3 * index + 2];
      }
    }
    return out;
  }

  /** The short way for bytes one after the other, as nearly all readers give them. */
  private static byte @Nullable [] interleaved(Raster raster, int colors, boolean alpha) {
    if (!(raster.getSampleModel() instanceof ComponentSampleModel layout)
        || !(raster.getDataBuffer() instanceof DataBufferByte buffer)
        || buffer.getNumBanks() != 1
        || raster.getParent() != null
        || raster.getMinX() != 0
        || raster.getMinY() != 0) {
      return null;
    }
    byte[] data = buffer.getData();
    int[] offsets = layout.getBandOffsets();
    int red = offsets[0];
    int green = colors == 1 ? -1 : offsets[1];
    int blue = colors == 1 ? -1 : offsets[2];
    int step = layout.getPixelStride();
    int width = raster.getWidth();
    int height = raster.getHeight();
    if (data.length == 3 * width * height && step == 3 && red == 0 && green == 1 && blue == 2) {
      return data;
    }
    byte[] out = new byte[3 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      int i = buffer.getOffset() + y * layout.getScanlineStride();
      int end = o + 3 * width;
      if (colors == 1) {
        for (i += red; o < end; o += 3, i += step) {
          byte gray = data[i];
          out[o] = gray;
          out[o + 1] = gray;
          out[o + 2] = gray;
        }
      }
      for (; o < end; o += 3, i += step) {
        out[o] = data[i + red];
        out[o + 1] = data[i + green];
        out[o + 2] = data[i + blue];
      }
    }
    if (alpha) {
      int opacity = buffer.getOffset() + offsets[colors];
      o = 0;
      for (int y = 0; y < height; y++) {
        int i = opacity + y * layout.getScanlineStride();
        for (int end = o + 3 * width; o < end; o += 3, i += step) {
          fade(out, o, data[i] & 0xFF);
        }
      }
    }
    return out;
  }

  /** Any layout of samples up to 16 bits. */
  private static byte[] samples(BufferedImage image, int colors, boolean alpha) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    byte[][] scales = new byte[bands][];
    for (int b = 0; b < bands; b++) {
      int bits = raster.getSampleModel().getSampleSize(b);
      if (bits > MAX_BITS || raster.getTransferType() == DataBuffer.TYPE_SHORT) {
        return packed(image);
      }
      scales[b] = scaleTo8(bits);
    }
    int width = image.getWidth();
    int height = image.getHeight();
    int green = colors == 1 ? 0 : 1;
    int blue = colors == 1 ? 0 : 2;
    int[] row = new int[width * bands];
    byte[] out = new byte[3 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int i = 0; i < row.length; i += bands, o += 3) {
        out[o] = scales[0][row[i]];
        out[o + 1] = scales[green][row[i + green]];
        out[o + 2] = scales[blue][row[i + blue]];
        if (alpha) {
          fade(out, o, scales[colors][row[i + colors]] & 0xFF);
        }
      }
    }
    return out;
  }

  /** Rounds samples of some bits to 8. */
  private static byte[] scaleTo8(int bits) {
    byte[] scale = new byte[1 << bits];
    int max = Math.max(1, scale.length - 1);
    for (int v = 0; v < scale.length; v++) {
      scale[v] = (byte) ((v * 255L + max / 2) / max);
    }
    return scale;
  }

  private static Raster bands(Raster raster, int colors) {
    if (raster.getNumBands() == colors) {
      return raster;
    }
    int[] bands = new int[colors];
    Arrays.setAll(bands, b -> b);
    return raster.createChild(0, 0, raster.getWidth(), raster.getHeight(), 0, 0, bands);
  }

  private static void layOnWhite(byte[] rgb, BufferedImage image) {
    Raster raster = image.getRaster();
    int band = image.getColorModel().getNumColorComponents();
    byte[] scale = scaleTo8(raster.getSampleModel().getSampleSize(band));
    int[] row = new int[image.getWidth()];
    int o = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getSamples(0, y, row.length, 1, band, row);
      for (int sample : row) {
        fade(rgb, o, scale[sample] & 0xFF);
        o += 3;
      }
    }
  }

  /** The long way, which is right for every color model. */
  private static byte[] packed(BufferedImage image) {
    int width = image.getWidth();
    byte[] out = new byte[3 * width * image.getHeight()];
    int[] row = new int[width];
    int o = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        out[o] = (byte) (argb >> 16);
        out[o + 1] = (byte) (argb >> 8);
        out[o + 2] = (byte) argb;
        fade(out, o, argb >>> 24);
        o += 3;
      }
    }
    return out;
  }

  private static void fade(byte[] rgb, int at, int alpha) {
    if (alpha != 255) {
      for (int i = at; i < at + 3; i++) {
        rgb[i] = onWhite(rgb[i] & 0xFF, alpha);
      }
    }
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
