// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.image;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a reader returns into {@code [H,W,3]} bytes of sRGB on white.
 *
 * <p>Grey samples are repeated, not converted: Java calls grey without a profile linear, files mean
 * the curve of sRGB.
 */
final class Pixels {
  private static final System.Logger LOG = System.getLogger(Pixels.class.getName());
  private static final int MAX_BITS = 16;

  private Pixels() {}

  /**
   * Converts a picture.
   *
   * @param profile of the file, if the reader ignored it
   */
  static byte[] toRgb(BufferedImage image, byte @Nullable [] profile) {
    ColorModel model = image.getColorModel();
    if (model instanceof IndexColorModel palette) {
      return indexed(image.getRaster(), palette, space(profile, ColorSpace.TYPE_RGB));
    }
    if (model.isAlphaPremultiplied()) {
      image.coerceData(false);
      model = image.getColorModel();
    }
    ColorSpace space = model.getColorSpace();
    ICC_ColorSpace embedded = space(profile, space.getType());
    if (embedded != null) {
      space = embedded;
    }
    boolean alpha = model.hasAlpha();
    int colours = model.getNumColorComponents();
    if (space.isCS_sRGB() || space == ColorSpace.getInstance(ColorSpace.CS_GRAY)) {
      byte[] out = interleaved(image.getRaster(), colours, alpha);
      return out != null ? out : samples(image, colours, alpha);
    }
    if (space instanceof ICC_ColorSpace icc) {
      byte[] out = converted(image.getRaster(), colours, icc.getProfile());
      if (alpha) {
        layOnWhite(out, image);
      }
      return out;
    }
    return packed(image);
  }

  /** Converts inks without a profile: red = (1 - cyan)(1 - black), likewise green and blue. */
  static byte[] ofInks(Raster raster, Scan.Inks inks, boolean inverted) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] scale = scaleTo8(raster.getSampleModel().getSampleSize(0));
    int[] row = new int[width * bands];
    byte[] out = new byte[3 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int c = scale[row[i]] & 0xFF;
        int m = scale[row[i + 1]] & 0xFF;
        int e = scale[row[i + 2]] & 0xFF;
        int k = scale[row[i + 3]] & 0xFF;
        if (inks == Scan.Inks.YCCK) {
          // The factors of JFIF; what they give are the complements of the stored inks.
          double blue = m - 128;
          double red = e - 128;
          int luma = c;
          c = 255 - clip(luma + 1.402 * red);
          m = 255 - clip(luma - 0.344136 * blue - 0.714136 * red);
          e = 255 - clip(luma + 1.772 * blue);
        }
        if (!inverted) {
          c = 255 - c;
          m = 255 - m;
          e = 255 - e;
          k = 255 - k;
        }
        out[o++] = (byte) ((c * k + 127) / 255);
        out[o++] = (byte) ((m * k + 127) / 255);
        out[o++] = (byte) ((e * k + 127) / 255);
      }
    }
    return out;
  }

  private static int clip(double value) {
    return (int) Math.round(Math.min(255, Math.max(0, value)));
  }

  /** A profile that fits the colours and has something to say; null otherwise. */
  private static @Nullable ICC_ColorSpace space(byte @Nullable [] profile, int type) {
    if (profile == null) {
      return null;
    }
    try {
      ICC_ColorSpace space = new ICC_ColorSpace(ICC_Profile.getInstance(profile));
      return space.getType() == type ? space : null;
    } catch (IllegalArgumentException | java.awt.color.CMMException e) {
      LOG.log(System.Logger.Level.DEBUG, "colour profile cannot be read", e);
      return null;
    }
  }

  private static byte[] indexed(
      Raster raster, IndexColorModel palette, @Nullable ICC_ColorSpace space) {
    int[] argb = new int[Math.max(palette.getMapSize(), 1 << palette.getPixelSize())];
    Arrays.fill(argb, 0xFF000000);
    palette.getRGBs(argb);
    byte[] colours = new byte[3 * argb.length];
    for (int i = 0; i < argb.length; i++) {
      colours[3 * i] = (byte) (argb[i] >> 16);
      colours[3 * i + 1] = (byte) (argb[i] >> 8);
      colours[3 * i + 2] = (byte) argb[i];
    }
    if (space != null) {
      colours =
          converted(
              Raster.createInterleavedRaster(
                  new DataBufferByte(colours, colours.length),
                  argb.length,
                  1,
                  colours.length,
                  3,
                  new int[] {0, 1, 2},
                  null),
              3,
              space.getProfile());
    }
    for (int i = 0; i < argb.length; i++) {
      int a = argb[i] >>> 24;
      for (int k = 3 * i; k < 3 * i + 3; k++) {
        colours[k] = onWhite(colours[k] & 0xFF, a);
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
        out[o++] = colours[3 * index];
        out[o++] = colours[3 * index + 1];
        out[o++] = colours[3 * index + 2];
      }
    }
    return out;
  }

  /** The short way for bytes one after the other, as nearly all readers give them. */
  private static byte @Nullable [] interleaved(Raster raster, int colours, boolean alpha) {
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
    int green = colours == 1 ? red : offsets[1];
    int blue = colours == 1 ? red : offsets[2];
    int opacity = alpha ? offsets[colours] : 0;
    int step = layout.getPixelStride();
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] out = new byte[3 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      int i = buffer.getOffset() + y * layout.getScanlineStride();
      for (int x = 0; x < width; x++, i += step, o += 3) {
        out[o] = data[i + red];
        out[o + 1] = data[i + green];
        out[o + 2] = data[i + blue];
        if (alpha) {
          int a = data[i + opacity] & 0xFF;
          if (a != 255) {
            out[o] = onWhite(out[o] & 0xFF, a);
            out[o + 1] = onWhite(out[o + 1] & 0xFF, a);
            out[o + 2] = onWhite(out[o + 2] & 0xFF, a);
          }
        }
      }
    }
    return out;
  }

  /** Any layout of samples up to 16 bits. */
  private static byte[] samples(BufferedImage image, int colours, boolean alpha) {
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
    int green = colours == 1 ? 0 : 1;
    int blue = colours == 1 ? 0 : 2;
    int[] row = new int[width * bands];
    byte[] out = new byte[3 * width * height];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int i = 0; i < row.length; i += bands) {
        int a = alpha ? scales[colours][row[i + colours]] & 0xFF : 255;
        out[o++] = onWhite(scales[0][row[i]] & 0xFF, a);
        out[o++] = onWhite(scales[green][row[i + green]] & 0xFF, a);
        out[o++] = onWhite(scales[blue][row[i + blue]] & 0xFF, a);
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

  private static byte[] converted(Raster raster, int colours, ICC_Profile profile) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] bands = new int[colours];
    Arrays.setAll(bands, b -> b);
    Raster source =
        raster.getNumBands() == colours
            ? raster
            : raster.createChild(0, 0, width, height, 0, 0, bands);
    byte[] out = new byte[3 * width * height];
    WritableRaster target =
        Raster.createInterleavedRaster(
            new DataBufferByte(out, out.length),
            width,
            height,
            3 * width,
            3,
            new int[] {0, 1, 2},
            null);
    ICC_Profile srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
    new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null).filter(source, target);
    return out;
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
        int a = scale[sample] & 0xFF;
        for (int end = o + 3; o < end; o++) {
          rgb[o] = onWhite(rgb[o] & 0xFF, a);
        }
      }
    }
  }

  /** The long way, which is right for every colour model. */
  private static byte[] packed(BufferedImage image) {
    int width = image.getWidth();
    byte[] out = new byte[3 * width * image.getHeight()];
    int[] row = new int[width];
    int o = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int a = argb >>> 24;
        out[o++] = onWhite(argb >> 16 & 0xFF, a);
        out[o++] = onWhite(argb >> 8 & 0xFF, a);
        out[o++] = onWhite(argb & 0xFF, a);
      }
    }
    return out;
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
