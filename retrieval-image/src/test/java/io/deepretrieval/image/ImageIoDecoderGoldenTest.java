// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.CARD;
import static io.deepretrieval.image.TestImages.CARD_ON_WHITE;
import static io.deepretrieval.image.TestImages.assertCard;
import static io.deepretrieval.image.TestImages.card;
import static io.deepretrieval.image.TestImages.decode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files of {@code src/test/resources/image} show, by the colors they were made of. */
final class ImageIoDecoderGoldenTest {
  /** Quality 95 and the ways through YCbCr move a flat block by at most this many levels. */
  private static final int LOSSY = 3;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exif-6.png",
        "lossless.webp",
        "exif-6.webp",
        "animated.webp",
        "palette.gif",
        "interlaced.gif",
        "rgb.bmp",
        "raw.tif",
        "lzw.tif",
        "deflate.tif",
        "packbits.tif",
        "palette.tif",
        "exif-6.tif"
      })
  void losslessFilesAreExact(String file) throws IOException {
    assertThat(decode(file)).isEqualTo(card(CARD));
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpha.png", "alpha.tif", "lossless-alpha.webp"})
  void transparencyLiesOnWhite(String file) throws IOException {
    assertThat(decode(file)).isEqualTo(card(CARD_ON_WHITE));
  }

  @Test
  void premultipliedTransparencyLiesOnWhite() throws IOException {
    // Multiplied colors have lost a level.
    assertCard(decode("premultiplied.tif"), 1, CARD_ON_WHITE, 1);
  }

  @Test
  void lossyTransparencyLiesOnWhite() throws IOException {
    assertCard(decode("lossy-alpha.webp"), 1, CARD_ON_WHITE, LOSSY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb.jpg",
        "progressive.jpg",
        "srgb.jpg",
        "cmyk.jpg",
        "ycck.jpg",
        "cmyk.tif",
        "jpeg.tif",
        "lossy.webp",
        "exif-1.jpg",
        "exif-2.jpg",
        "exif-3.jpg",
        "exif-4.jpg",
        "exif-5.jpg",
        "exif-6.jpg",
        "exif-7.jpg",
        "exif-8.jpg"
      })
  void lossyFilesKeepTheirColors(String file) throws IOException {
    assertCard(decode(file), 1, CARD, LOSSY);
  }

  @Test
  void subsampledChromaKeepsItsColors() throws IOException {
    assertCard(decode("subsampled.jpg"), 2, CARD, LOSSY);
  }

  @Test
  void grayIsRepeated() throws IOException {
    // 0.299 red + 0.587 green + 0.114 blue of the card.
    int[] luma = {0x5E5E5E, 0x7C7C7C, 0x494949, 0xCDCDCD, 0x808080, 0xFAFAFA};
    assertCard(decode("grey.jpg"), 1, luma, LOSSY);
  }

  @Test
  void blackAndWhiteIsExact() throws IOException {
    assertThat(decode("bilevel.tif")).isEqualTo(card(0, 0xFFFFFF, 0, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF));
  }

  @ParameterizedTest
  @ValueSource(strings = {"icc.jpg", "icc.png", "icc.tif", "icc.webp", "palette-icc.png"})
  void embeddedProfileIsConvertedToSrgb(String file) throws IOException {
    // Little CMS through Pillow; red and blue have changed places, and 2.2 is not quite sRGB.
    int[] swapped = {0x2323DD, 0x39B523, 0xC9392E, 0x23DDF0, 0x818181, 0xFAFAFA};
    assertCard(decode(file), 1, swapped, LOSSY);
  }

  @Test
  void embeddedGrayProfileIsConvertedToSrgb() throws IOException {
    int[] luma = {94, 124, 73, 205, 128, 250};
    int[] lighter = new int[luma.length];
    for (int i = 0; i < luma.length; i++) {
      // The profile is linear, so the curve of sRGB remains to be applied.
      double linear = luma[i] / 255.0;
      lighter[i] = (int) Math.round(255 * (1.055 * Math.pow(linear, 1 / 2.4) - 0.055)) * 0x010101;
    }
    assertCard(decode("grey-icc.jpg"), 1, lighter, LOSSY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cmyk-icc.jpg", "cmyk-icc.tif"})
  void embeddedInkProfileIsConvertedToSrgb(String file) throws IOException {
    int[] cyan = {0, 198, 191, 0, 0, 0};
    int[] grays = new int[cyan.length];
    for (int i = 0; i < cyan.length; i++) {
      // By this profile lightness falls with cyan alone.
      double lightness = 100 * (1 - cyan[i] / 255.0);
      double linear = Math.pow((lightness + 16) / 116, 3);
      grays[i] = (int) Math.round(255 * (1.055 * Math.pow(linear, 1 / 2.4) - 0.055)) * 0x010101;
    }
    assertCard(decode(file), 1, grays, LOSSY);
  }

  @Test
  void lossyWebpDoesNotDrift() throws IOException {
    RgbImage image = decode("wave.webp");

    List<String> rows =
        new String(TestImages.file("wave.txt"), StandardCharsets.US_ASCII).lines().toList();
    assertThat(rows).hasSize(16);
    for (int row = 0; row < rows.size(); row++) {
      String[] grays = rows.get(row).split(" ", -1);
      for (int column = 0; column < grays.length; column++) {
        int rgb = image.rgb(4 + 8 * column, 4 + 8 * row);
        assertThat(rgb >> 8 & 0xFF)
            .as("row %s, column %s", row, column)
            .isCloseTo(Integer.parseInt(grays[column]), within(1));
      }
    }
  }
}
