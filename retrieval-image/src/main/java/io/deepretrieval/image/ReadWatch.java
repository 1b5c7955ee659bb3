// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.awt.image.BufferedImage;
import java.util.BitSet;
import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadUpdateListener;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/** Notices what readers do not say by an exception: damage they paint over, and missing rows. */
final class ReadWatch implements IIOReadWarningListener, IIOReadUpdateListener {
  /**
   * Warnings that mean lost pixels. All others are about profiles, tags and padding. Rubbish before
   * a marker is harmless, as cameras write it, unless it stands in the middle of the image.
   */
  private static final Pattern DAMAGE =
      Pattern.compile(
          "Corrupt JPEG data(?!: \\d+ extraneous bytes before marker 0x(?!d[0-7])).*"
              + "|Truncated File.*|Premature end.*|Inconsistent progression.*|.*scanlines.*"
              + "|Nothing to decode|.*WebP alpha.*");

  private final BitSet rows = new BitSet();
  private @Nullable String damage;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    if (damage == null && DAMAGE.matcher(warning).matches()) {
      damage = warning;
    }
  }

  @Override
  public void imageUpdate(
      ImageReader source,
      BufferedImage theImage,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {
    for (int i = 0; i < height; i++) {
      rows.set(minY + i * periodY);
    }
  }

  /** Throws if a reader has warned of damage. */
  void check() throws DamagedFileException {
    if (damage != null) {
      throw new DamagedFileException("image data is damaged: " + damage);
    }
  }

  /** Throws if rows are missing, for readers that report each of them. */
  void checkRows(int height) throws DamagedFileException {
    if (rows.cardinality() < height) {
      throw new DamagedFileException(
          "image data is damaged: it has " + rows.cardinality() + " of " + height + " rows");
    }
  }

  @Override
  public void passStarted(
      ImageReader source,
      BufferedImage theImage,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void passComplete(ImageReader source, BufferedImage theImage) {}

  @Override
  public void thumbnailPassStarted(
      ImageReader source,
      BufferedImage theThumbnail,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailUpdate(
      ImageReader source,
      BufferedImage theThumbnail,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailPassComplete(ImageReader source, BufferedImage theThumbnail) {}
}
