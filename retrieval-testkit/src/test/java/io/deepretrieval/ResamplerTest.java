// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.Randoms;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResamplerTest {
  /**
   * Half a level from each pass; the weights of the second, of absolute sum < 1.5, carry on the
   * first.
   */
  private static final double TOLERANCE = 1.25;

  private static RgbImage gray(int width, int height, int... levels) {
    int[] pixels = new int[levels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = levels[i] * 0x010101;
    }
    return RgbImage.ofPacked(width, height, pixels);
  }

  @Test
  void twoPixelsToOneAreTheirMean() {
    assertThat(Resampler.resample(gray(2, 1, 10, 20), 1, 1)).isEqualTo(gray(1, 1, 15));
    assertThat(Resampler.resample(gray(1, 2, 10, 20), 1, 1)).isEqualTo(gray(1, 1, 15));
    // 22.5 becomes 23 after the rows.
    assertThat(Resampler.resample(gray(2, 2, 10, 20, 30, 30), 1, 1)).isEqualTo(gray(1, 1, 23));
  }

  @Test
  void twoPixelsToFourOvershootAtTheEnds() {
    // Centers 0.25 and 0.75 of the source, pixel centers 0.5 and 1.5: distances 0.25, 1.25 and
    // 0.25, 0.75. L(0.25) = 0.8900671, L(0.75) = 0.2701898, L(1.25) = -0.1328710.
    // First pixel: (0.8900671*100 - 0.1328710*200) / 0.7571960 = 82.45.
    // Second: (0.8900671*100 + 0.2701898*200) / 1.1602569 = 123.29.
    assertThat(Resampler.resample(gray(2, 1, 100, 200), 4, 1))
        .isEqualTo(gray(4, 1, 82, 123, 177, 218));
  }

  @Test
  void overshootIsClipped() {
    assertThat(Resampler.resample(gray(2, 1, 0, 255), 4, 1)).isEqualTo(gray(4, 1, 0, 59, 196, 255));
  }

  @Test
  void sameSizeIsTheImageItself() {
    RgbImage image = Randoms.ofSeed(1).image(13, 7);
    assertThat(Resampler.resample(image, 13, 7)).isSameAs(image);
    assertThat(Resampler.shrinkTo(image, 13)).isSameAs(image);
    assertThat(Resampler.shrinkTo(image, 100)).isSameAs(image);
    assertThat(Resampler.scale(image, 1)).isSameAs(image);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,50", "50,3", "7,7", "100,64", "16,16"})
  void oneColorStaysThatColor(int width, int height) {
    int[] pixels = new int[16 * 16];
    Arrays.fill(pixels, 0xFF0137);
    int[] expected = new int[width * height];
    Arrays.fill(expected, 0xFF0137);
    assertThat(Resampler.resample(RgbImage.ofPacked(16, 16, pixels), width, height))
        .isEqualTo(RgbImage.ofPacked(width, height, expected));
  }

  @ParameterizedTest
  @CsvSource({"5,9", "40,9", "21,3", "9,40", "10,10"})
  void mirroredImageGivesTheMirroredResult(int width, int height) {
    Randoms random = Randoms.ofSeed(2);
    RgbImage image = random.image(21, 9);
    assertThat(Resampler.resample(turned(image), width, height))
        .as(random.note("image"))
        .isEqualTo(turned(Resampler.resample(image, width, height)));
  }

  private static RgbImage turned(RgbImage image) {
    int[] pixels = new int[image.width() * image.height()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[pixels.length - 1 - i] = image.rgb(i % image.width(), i / image.width());
    }
    return RgbImage.ofPacked(image.width(), image.height(), pixels);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,3,2",
    "2,3,1,1",
    "31,17,30,18",
    "64,48,9,11",
    "20,30,55,40",
    "101,3,7,9",
    "5,80,5,7",
    "80,5,7,5",
    "33,33,16,33",
  })
  void asNearToTheFormulaInDoubleAsEightBitsAllow(
      int width, int height, int toWidth, int toHeight) {
    Randoms random = Randoms.ofSeed(width + 1000L * height);
    RgbImage image = random.image(width, height);
    RgbImage result = Resampler.resample(image, toWidth, toHeight);
    for (int y = 0; y < toHeight; y++) {
      for (int x = 0; x < toWidth; x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          double exact = exact(image, x, y, toWidth, toHeight, shift);
          assertThat((double) (result.rgb(x, y) >> shift & 0xFF))
              .as(random.note("pixel " + x + "," + y))
              .isBetween(exact - TOLERANCE, exact + TOLERANCE);
        }
      }
    }
  }

  /** The definition: rows first, clipped between the passes, nothing rounded. */
  private static double exact(RgbImage image, int x, int y, int toWidth, int toHeight, int shift) {
    double[] horizontal = weights(image.width(), toWidth, x);
    double[] vertical = weights(image.height(), toHeight, y);
    double sum = 0;
    for (int j = 0; j < image.height(); j++) {
      double row = 0;
      for (int i = 0; i < image.width(); i++) {
        row += horizontal[i] * (image.rgb(i, j) >> shift & 0xFF);
      }
      sum += vertical[j] * Math.min(255, Math.max(0, row));
    }
    return Math.min(255, Math.max(0, sum));
  }

  private static double[] weights(int source, int target, int place) {
    double[] out = new double[source];
    if (source == target) {
      out[place] = 1;
      return out;
    }
    double scale = (double) source / target;
    double stretch = Math.max(1, scale);
    double sum = 0;
    for (int j = 0; j < source; j++) {
      double t = (j + 0.5 - (place + 0.5) * scale) / stretch;
      out[j] = Math.abs(t) >= 3 ? 0 : t == 0 ? 1 : sinc(t) * sinc(t / 3);
      sum += out[j];
    }
    for (int j = 0; j < source; j++) {
      out[j] /= sum;
    }
    return out;
  }

  private static double sinc(double t) {
    return Math.sin(Math.PI * t) / (Math.PI * t);
  }

  @ParameterizedTest
  @CsvSource({
    "1600,1200,1024, 1024,768",
    "1200,1600,1024, 768,1024",
    "1023,767,1024, 1023,767",
    "2000,3,100, 100,1",
    "5000,1,10, 10,1",
    "1025,1025,1024, 1024,1024",
    "1500,999,362, 362,241",
  })
  void shrinkToKeepsTheProportions(int width, int height, int side, int toWidth, int toHeight) {
    RgbImage image = RgbImage.copyOf(width, height, new byte[3 * width * height]);
    assertThat(Resampler.shrinkTo(image, side))
        .hasToString("RgbImage[" + toWidth + "x" + toHeight + "]");
  }

  @ParameterizedTest
  @CsvSource({"0.5, 5,4", "1.4142135, 14,10", "0.01, 1,1", "1.04, 10,7", "1e-300, 1,1"})
  void scaleRoundsBothSides(double factor, int width, int height) {
    assertThat(Resampler.scale(Randoms.ofSeed(3).image(10, 7), factor))
        .hasToString("RgbImage[" + width + "x" + height + "]");
  }

  @Test
  void sizesBelowOneAreRefused() {
    RgbImage image = gray(1, 1, 5);
    assertThatThrownBy(() -> Resampler.resample(image, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target size must be at least 1x1 but was 0x3");
    assertThatThrownBy(() -> Resampler.shrinkTo(image, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("longer side must be at least 1 but was 0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void factorMustBePositive(double factor) {
    assertThatThrownBy(() -> Resampler.scale(gray(1, 1, 5), factor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scale factor must be > 0 but was " + factor);
  }

  @Test
  void moreBytesThanAnArrayHoldsAreRefused() {
    assertThatThrownBy(() -> Resampler.scale(gray(1, 1, 5), 1e300))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must have at most 715827879 pixels but was 2147483647x2147483647");
    assertThatThrownBy(() -> Resampler.resample(gray(1, 1, 5), 30000, 30000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image must have at most 715827879 pixels but was 30000x30000");
  }
}
