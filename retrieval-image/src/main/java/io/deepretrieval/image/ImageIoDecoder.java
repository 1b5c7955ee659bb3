// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads JPEG, PNG, WebP, GIF, BMP and TIFF with the readers of {@code javax.imageio} and the
 * TwelveMonkeys plug-ins.
 *
 * <p>The format is found by the first bytes, never by the name. The rules:
 *
 * <ul>
 *   <li>Orientation: the EXIF tag of JPEG, PNG, WebP and TIFF is applied; all eight values.
 *   <li>Color: an embedded ICC profile of JPEG, PNG, WebP and TIFF is converted to sRGB; without
 *       one, or with one that is damaged, samples are sRGB. CMYK without a profile becomes {@code
 *       red = (1-cyan)(1-black)} and so on, on every system alike.
 *   <li>Depth: more than 8 bits are rounded to 8; gray is repeated in the three channels.
 *   <li>Transparency: laid on white.
 *   <li>Several images: the first page of TIFF, the first frame of GIF and WebP on its canvas.
 *   <li>Size: files of more than {@code maxBytes} bytes and images of more than {@code maxPixels}
 *       pixels are refused before anything is allocated for their pixels.
 *   <li>Damage: a file that is cut short or whose data ends early is an error, never an image that
 *       is half gray. Flipped bits inside coded data are found only where the format has a check
 *       sum or the coding breaks.
 * </ul>
 *
 * <p>Cost: the file and 6 (JPEG) to 14 (16-bit samples with alpha) bytes a pixel, 3 more if the
 * image is turned.
 *
 * <p>Thread-safe: each call has readers of its own, and only verdicts on color profiles are
 * remembered. It needs no display, makes no temporary files for the usual encodings and leaves the
 * global settings of {@code ImageIO} alone.
 */
public final class ImageIoDecoder implements ImageDecoder {
  private static final long DEFAULT_MAX_PIXELS = 100_000_000;
  private static final int DEFAULT_MAX_BYTES = 1 << 28;

  /** What an {@link RgbImage} can hold. */
  private static final long PIXEL_CEILING = (Integer.MAX_VALUE - 8) / 3;

  private static final String FORMATS = "JPEG, PNG, WebP, GIF, BMP and TIFF";

  private final long maxPixels;
  private final int maxBytes;
  private final Readers readers = new Readers();
  private final Pixels pixels = new Pixels(new ColorProfiles());

  /** Makes a decoder for images of up to 100 million pixels in files of up to 256 MiB. */
  public ImageIoDecoder() {
    this(DEFAULT_MAX_PIXELS, DEFAULT_MAX_BYTES);
  }

  /**
   * Makes a decoder with limits of its own.
   *
   * @param maxPixels most pixels of an image, in [1, 715827879]
   * @param maxBytes most bytes of a file, in [1, 2147483639]
   * @throws IllegalArgumentException if a limit is out of its range
   */
  public ImageIoDecoder(long maxPixels, int maxBytes) {
    if (maxPixels < 1 || maxPixels > PIXEL_CEILING) {
      throw new IllegalArgumentException(
          "maxPixels must be in [1, " + PIXEL_CEILING + "] but was " + maxPixels);
    }
    if (maxBytes < 1 || maxBytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "maxBytes must be in [1, " + (Integer.MAX_VALUE - 8) + "] but was " + maxBytes);
    }
    this.maxPixels = maxPixels;
    this.maxBytes = maxBytes;
  }

  @Override
  public RgbImage decode(ImageSource source) throws ImageDecodeException {
    return read(source, this::decode);
  }

  /**
   * Reads a file through but for its pixels: whether it exists, is of a known format, within the
   * limits and whole as far as its structure tells. Damage inside coded data shows only when it is
   * decoded.
   *
   * @param source the file
   * @return format and size
   * @throws ImageDecodeException if it would not decode; it names the source
   */
  public ImageHead inspect(ImageSource source) throws ImageDecodeException {
    return read(
        source,
        (file, format) -> {
          Scan scan = scan(file, format);
          boolean turns = Orientation.turns(scan.orientation());
          return new ImageHead(
              format.toString(),
              turns ? scan.height() : scan.width(),
              turns ? scan.width() : scan.height());
        });
  }

  /** What is made of a file. */
  @FunctionalInterface
  private interface FileReader<T> {
    T read(byte[] file, ImageFormat format) throws IOException;
  }

  private <T> T read(ImageSource source, FileReader<T> reader) throws ImageDecodeException {
    Objects.requireNonNull(source, "source");
    byte[] file = read(source);
    ImageFormat format = ImageFormat.of(file);
    if (format == null) {
      throw new ImageDecodeException(
          source.name(),
          ImageFormat.nameOf(file),
          file.length == 0 ? "file is empty" : "format is not supported; supported: " + FORMATS,
          null);
    }
    try {
      return reader.read(file, format);
    } catch (DamagedFileException e) {
      throw new ImageDecodeException(source.name(), format.toString(), e.reason(), null);
    } catch (IOException | RuntimeException | AssertionError | VirtualMachineError e) {
      // Plug-ins meet hostile bytes with all of these: bad indexes, deep recursion, huge arrays.
      throw new ImageDecodeException(
          source.name(), format.toString(), "decoder failed: " + describe(e), e);
    }
  }

  private byte[] read(ImageSource source) throws ImageDecodeException {
    byte[] file;
    try (InputStream in = source.open()) {
      file = in.readNBytes(maxBytes + 1);
    } catch (IOException | RuntimeException e) {
      throw new ImageDecodeException(source.name(), ImageFormat.UNKNOWN, unreadable(e), e);
    } catch (OutOfMemoryError e) {
      throw new ImageDecodeException(
          source.name(), ImageFormat.UNKNOWN, "file does not fit in memory", e);
    }
    if (file.length > maxBytes) {
      throw new ImageDecodeException(
          source.name(),
          ImageFormat.nameOf(file),
          "file must have at most " + maxBytes + " bytes but has more",
          null);
    }
    return file;
  }

  private Scan scan(byte[] file, ImageFormat format) throws IOException {
    Scan scan = format.scan(file);
    int width = scan.width();
    int height = scan.height();
    if (width < 1 || height < 1) {
      throw new DamagedFileException("size must be at least 1x1 but was " + width + "x" + height);
    }
    if ((long) width * height > maxPixels) {
      throw new DamagedFileException(
          "image must have at most " + maxPixels + " pixels but was " + width + "x" + height);
    }
    return scan;
  }

  private RgbImage decode(byte[] file, ImageFormat format) throws IOException {
    Scan scan = scan(file, format);
    int width = scan.width();
    int height = scan.height();
    byte[] rgb = onCanvas(pixels(scan, format), scan);
    int orientation = scan.orientation();
    byte[] upright = Orientation.upright(rgb, width, height, orientation);
    return Orientation.turns(orientation)
        ? RgbImage.copyOf(height, width, upright)
        : RgbImage.copyOf(width, height, upright);
  }

  private byte[] pixels(Scan scan, ImageFormat format) throws IOException {
    ImageReader reader = readers.create(format, scan.data());
    try (ImageInputStream in =
        format == ImageFormat.WEBP
            ? new PaddedInput(scan.data(), scan.length())
            : new ByteArrayImageInputStream(scan.data(), 0, scan.length())) {
      ReadWatch watch = new ReadWatch();
      // Without metadata the PNG reader would skip the transparent color.
      reader.setInput(in, true, format != ImageFormat.PNG);
      reader.addIIOReadWarningListener(watch);
      reader.addIIOReadUpdateListener(watch);
      byte[] rgb =
          switch (scan.color()) {
            case READER -> pixels.toRgb(read(reader, format), scan.profile());
            case DIRECT -> pixels.toRgb(readDirect(reader, scan), scan.profile());
            case CMYK, YCCK -> {
              boolean jpeg = format == ImageFormat.JPEG;
              Raster raster = jpeg ? reader.readRaster(0, null) : read(reader, format).getRaster();
              yield pixels.ofInks(raster, scan.color(), jpeg, scan.profile());
            }
          };
      watch.check();
      if (format == ImageFormat.GIF) {
        watch.checkRows(scan.frame().height());
      }
      return checkSize(rgb, scan);
    } finally {
      reader.dispose();
    }
  }

  private static BufferedImage read(ImageReader reader, ImageFormat format) throws IOException {
    if (format != ImageFormat.TIFF) {
      return reader.read(0);
    }
    // The default type is one that forgets whether colors are multiplied by their opacity.
    ImageReadParam param = reader.getDefaultReadParam();
    param.setDestinationType(reader.getRawImageType(0));
    return reader.read(0, param);
  }

  /** The readers' own images are blue first; red first, they need not be copied. */
  private static BufferedImage readDirect(ImageReader reader, Scan scan) throws IOException {
    byte[] rgb = new byte[3 * scan.width() * scan.height()];
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_BYTE);
    ImageReadParam param = reader.getDefaultReadParam();
    param.setDestination(
        new BufferedImage(
            model, ColorProfiles.interleaved(rgb, scan.width(), scan.height(), 3), false, null));
    return reader.read(0, param);
  }

  /** The scan and the reader have read the same header twice; better late than a shifted image. */
  private static byte[] checkSize(byte[] rgb, Scan scan) throws DamagedFileException {
    Scan.Frame frame = scan.frame();
    if (rgb.length != 3L * frame.width() * frame.height()) {
      throw new DamagedFileException(
          "header and image data disagree about the size of "
              + frame.width()
              + "x"
              + frame.height());
    }
    return rgb;
  }

  private static byte[] onCanvas(byte[] rgb, Scan scan) {
    Scan.Frame frame = scan.frame();
    if (frame.width() == scan.width() && frame.height() == scan.height()) {
      return rgb;
    }
    byte[] canvas = new byte[3 * scan.width() * scan.height()];
    Arrays.fill(canvas, (byte) 0xFF);
    int row = 3 * frame.width();
    for (int y = 0; y < frame.height(); y++) {
      System.arraycopy(rgb, y * row, canvas, 3 * ((frame.y() + y) * scan.width() + frame.x()), row);
    }
    return canvas;
  }

  private static String unreadable(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "file does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "file must not be read: permission denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return "file cannot be read: " + (reason == null ? e.getClass().getSimpleName() : reason);
  }

  private static String describe(Throwable e) {
    @Nullable String message = e.getMessage();
    String type = e.getClass().getSimpleName();
    return message == null || message.isBlank() ? type : type + ": " + message.strip();
  }
}
