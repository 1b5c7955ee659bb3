// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The eight ways to hold a camera. */
final class OrientationTest {
  @ParameterizedTest
  @CsvSource({"1,1", "1,70", "33,1", "3,2", "32,64", "65,37"})
  void uprightEqualsTheDefinition(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(width * 1000L + height).nextBytes(rgb);

    for (int orientation = 1; orientation <= 8; orientation++) {
      assertThat(Orientation.upright(rgb, width, height, orientation))
          .as("orientation %s of %sx%s", orientation, width, height)
          .isEqualTo(naive(rgb, width, height, orientation));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,3", "4,4", "5,5", "6,8", "7,7", "8,6"})
  void eachOrientationHasAnInverse(int orientation, int inverse) {
    byte[] rgb = new byte[3 * 5 * 4];
    new Random(5).nextBytes(rgb);
    boolean turned = Orientation.turns(orientation);

    byte[] there = Orientation.upright(rgb, 5, 4, orientation);
    byte[] back = Orientation.upright(there, turned ? 4 : 5, turned ? 5 : 4, inverse);

    assertThat(back).isEqualTo(rgb);
  }

  @Test
  void absentBlockIsUpright() {
    assertThat(Orientation.of(null)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MM", "MM\0*\0\0\0\b\0\0\0\0\0\0", "nonsense that is no TIFF header"})
  void blockWithoutTheTagIsUpright(String block) {
    assertThat(Orientation.of(block.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(1);
  }

  /** By the table of the EXIF standard: where row 0 and column 0 are shown. */
  private static byte[] naive(byte[] rgb, int width, int height, int orientation) {
    int outWidth = orientation < 5 ? width : height;
    byte[] out = new byte[rgb.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int right = width - 1 - x;
        int bottom = height - 1 - y;
        int[] to =
            switch (orientation) {
              case 1 -> new int[] {x, y}; // top, left
              case 2 -> new int[] {right, y}; // top, right
              case 3 -> new int[] {right, bottom}; // bottom, right
              case 4 -> new int[] {x, bottom}; // bottom, left
              case 5 -> new int[] {y, x}; // left, top
              case 6 -> new int[] {bottom, x}; // right, top
              case 7 -> new int[] {bottom, right}; // right, bottom
              default -> new int[] {y, right}; // left, bottom
            };
        System.arraycopy(rgb, 3 * (y * width + x), out, 3 * (to[1] * outWidth + to[0]), 3);
      }
    }
    return out;
  }
}
