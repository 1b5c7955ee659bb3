// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import org.jspecify.annotations.Nullable;

/** The EXIF orientation: how an image was held when it was stored. */
final class Orientation {
  private static final System.Logger LOG = System.getLogger(Orientation.class.getName());

  static final int UPRIGHT = 1;

  private static final int LAST = 8;

  /** Turned images are copied in squares of this side, so that both images stay in the cache. */
  private static final int BLOCK = 32;

  private Orientation() {}

  /** Reads the tag of a block that begins with a TIFF header; 1 if there is none. */
  static int of(byte @Nullable [] exif) {
    if (exif == null) {
      return UPRIGHT;
    }
    Metadata metadata = new Metadata();
    try {
      new ExifReader().extract(new ByteArrayReader(exif), metadata);
    } catch (RuntimeException e) {
      // An image with a damaged description is still an image, and viewers show it as it is.
      LOG.log(System.Logger.Level.DEBUG, "EXIF block cannot be read", e);
    }
    ExifIFD0Directory directory = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
    Integer tag =
        directory == null ? null : directory.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
    return tag == null ? UPRIGHT : valid(tag);
  }

  /** The number itself from 1 to 8, otherwise 1. */
  static int valid(long tag) {
    return tag < UPRIGHT || tag > LAST ? UPRIGHT : (int) tag;
  }

  /** Whether columns become rows. */
  static boolean turns(int orientation) {
    return orientation >= 5;
  }

  /**
   * Makes an image upright.
   *
   * @param rgb {@code [H,W,3]} bytes
   * @return the bytes themselves if the orientation is 1, otherwise new ones, {@code [W,H,3]} if it
   *     turns
   */
  static byte[] upright(byte[] rgb, int width, int height, int orientation) {
    if (orientation == UPRIGHT) {
      return rgb;
    }
    boolean turned = turns(orientation);
    int outWidth = turned ? height : width;
    int outHeight = turned ? width : height;
    // Source column and row run backwards with these orientations.
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int first = 3 * ((fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0));
    int alongColumns = fromRight ? -3 : 3;
    int alongRows = 3 * width * (fromBottom ? -1 : 1);
    int stepX = turned ? alongRows : alongColumns;
    int stepY = turned ? alongColumns : alongRows;
    byte[] out = new byte[rgb.length];
    for (int top = 0; top < outHeight; top += BLOCK) {
      int bottom = Math.min(outHeight, top + BLOCK);
      for (int left = 0; left < outWidth; left += BLOCK) {
        int right = Math.min(outWidth, left + BLOCK);
        for (int y = top; y < bottom; y++) {
          int o = 3 * (y * outWidth + left);
          int i = first + y * stepY + left * stepX;
          for (int x = left; x < right; x++) {
            out[o++] = rgb[i];
            out[o++] = rgb[i + 1];
            out[o++] = rgb[i + 2];
            i += stepX;
          }
        }
      }
    }
    return out;
  }
}
