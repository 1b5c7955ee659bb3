// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.Randoms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RgbImageTest {
  /** Three columns, two rows. */
  private static final RgbImage SMALL =
      RgbImage.ofPacked(
          3, 2, new int[] {0x010203, 0x040506, 0x070809, 0xFF00FE, 0x80FF7F, 0x123456});

  @Test
  void packedPixelsBecomeBytesRowByRowRedFirst() {
    byte[] bytes = new byte[19];
    SMALL.copyTo(bytes, 1);
    assertThat(bytes)
        .isEqualTo(
            new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, 0, -2, -128, -1, 127, 0x12, 0x34, 0x56});
    assertThat(SMALL.rgb(0, 1)).isEqualTo(0xFF00FE);
    assertThat(SMALL.rgb(2, 0)).isEqualTo(0x070809);
    assertThat(SMALL.width()).isEqualTo(3);
    assertThat(SMALL.height()).isEqualTo(2);
  }

  @Test
  void upperEightBitsOfPackedPixelsAreIgnored() {
    assertThat(RgbImage.ofPacked(1, 1, new int[] {0xAB123456}))
        .isEqualTo(RgbImage.ofPacked(1, 1, new int[] {0x123456}));
  }

  @Test
  void bytesAreCopied() {
    byte[] bytes = {1, 2, 3};
    RgbImage image = RgbImage.copyOf(1, 1, bytes);
    bytes[0] = 9;
    assertThat(image.rgb(0, 0)).isEqualTo(0x010203);
  }

  @Test
  void copyRowGivesOneRow() {
    byte[] row = new byte[9];
    SMALL.copyRowTo(1, row);
    assertThat(row).isEqualTo(new byte[] {-1, 0, -2, -128, -1, 127, 0x12, 0x34, 0x56});
  }

  @Test
  void placesOutsideAreRefused() {
    assertThatThrownBy(() -> SMALL.rgb(3, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> SMALL.rgb(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> SMALL.copyRowTo(2, new byte[9]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> SMALL.copyRowTo(0, new byte[8]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> SMALL.copyTo(new byte[18], 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> RgbImage.copyOf(0, 2, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image size must be at least 1x1 but was 0x2");
    assertThatThrownBy(() -> RgbImage.ofPacked(2, -1, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image size must be at least 1x1 but was 2x-1");
    assertThatThrownBy(() -> RgbImage.copyOf(2, 2, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image bytes must number height*width*3 = 12 but were 11");
    assertThatThrownBy(() -> RgbImage.ofPacked(2, 2, new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image pixels must number height*width = 4 but were 3");
  }

  @ParameterizedTest
  @CsvSource({"30000,30000", "2147483647,2147483647", "2,1073741824"})
  void moreBytesThanAnArrayHoldsAreRefused(int width, int height) {
    assertThatThrownBy(() -> RgbImage.copyOf(width, height, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must have at most 715827879 pixels but was " + width + "x" + height);
  }

  @Test
  void cropKeepsTheBox() {
    assertThat(SMALL.crop(new Box(1, 0, 3, 2)))
        .isEqualTo(RgbImage.ofPacked(2, 2, new int[] {0x040506, 0x070809, 0x80FF7F, 0x123456}));
  }

  @Test
  void cropOfTheWholeImageIsTheImage() {
    RgbImage image = Randoms.ofSeed(1).image(17, 9);
    assertThat(image.crop(new Box(0, 0, 17, 9))).isEqualTo(image);
  }

  @ParameterizedTest
  @CsvSource({
    // box, left, top, width, height
    "0.4, 0.6, 1.5, 1.9,   0, 1, 2, 1", // corners are rounded
    "1.2, 0.2, 1.3, 0.3,   1, 0, 1, 1", // at least one pixel
    "2.9, 1.9, 2.95, 1.99, 2, 1, 1, 1", // rounded beyond the border: the last pixel
    "1, 1, 1e300, 4294967296, 1, 1, 2, 1", // cut at the border
  })
  void cropRoundsCornersAndCutsAtTheBorder(
      double x1, double y1, double x2, double y2, int left, int top, int width, int height) {
    RgbImage part = SMALL.crop(new Box(x1, y1, x2, y2));
    assertThat(part).hasToString("RgbImage[" + width + "x" + height + "]");
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        assertThat(part.rgb(x, y)).isEqualTo(SMALL.rgb(left + x, top + y));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"3,0,4,1", "0,2,1,3", "4294967296,0,4294967299,2"})
  void boxBesideTheImageIsRefused(double x1, double y1, double x2, double y2) {
    Box box = new Box(x1, y1, x2, y2);
    assertThatThrownBy(() -> SMALL.crop(box))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("box must overlap the image of 3x2 but was " + box);
  }

  @Test
  void equalByContent() {
    assertThat(SMALL)
        .isEqualTo(SMALL.crop(new Box(0, 0, 3, 2)))
        .hasSameHashCodeAs(SMALL.crop(new Box(0, 0, 3, 2)))
        .isNotEqualTo(SMALL.crop(new Box(0, 0, 2, 2)))
        .isNotEqualTo("image");
    byte[] same = new byte[18];
    SMALL.copyTo(same, 0);
    assertThat(SMALL).isNotEqualTo(RgbImage.copyOf(2, 3, same));
    same[17]++;
    assertThat(SMALL).isNotEqualTo(RgbImage.copyOf(3, 2, same));
  }
}
