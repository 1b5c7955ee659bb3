// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.Sets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ColorsTest {
  private static RgbImage row(int... pixels) {
    return RgbImage.ofPacked(pixels.length, 1, pixels);
  }

  @Test
  void factorsOfOneChangeNothing() {
    RgbImage image = Sets.noise(17, 9, 1);

    assertThat(Colors.vary(image, 1, 1, 1)).isEqualTo(image);
  }

  @Test
  void brightnessMultipliesAndCuts() {
    RgbImage image = row(0x64C808);

    assertThat(Colors.vary(image, 0.5, 1, 1)).isEqualTo(row(0x326404));
    assertThat(Colors.vary(image, 2, 1, 1)).isEqualTo(row(0xC8FF10));
    assertThat(Colors.vary(image, 0, 1, 1)).isEqualTo(row(0));
  }

  @Test
  void contrastStretchesAroundTheMeanLuma() {
    // Grays 40 and 60 have the mean 50.
    RgbImage image = row(0x282828, 0x3C3C3C);

    assertThat(Colors.vary(image, 1, 0, 1)).isEqualTo(row(0x323232, 0x323232));
    assertThat(Colors.vary(image, 1, 2, 1)).isEqualTo(row(0x1E1E1E, 0x464646));
    assertThat(Colors.vary(image, 1, 30, 1)).isEqualTo(row(0, 0xFFFFFF));
  }

  @Test
  void saturationStretchesAroundTheLumaOfThePixel() {
    // The luma of pure red is 76.2; that of (100, 100, 150) is 105.7.
    assertThat(Colors.vary(row(0xFF0000), 1, 1, 0)).isEqualTo(row(0x4C4C4C));
    assertThat(Colors.vary(row(0x646496), 1, 1, 2)).isEqualTo(row(0x5E5EC2));
    assertThat(Colors.vary(row(0x808080), 1, 1, 5)).isEqualTo(row(0x808080));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void equalsTheNaiveFormulas(long seed) {
    Random random = new Random(seed);
    RgbImage image = Sets.noise(1 + random.nextInt(20), 1 + random.nextInt(20), seed);
    double brightness = 2 * random.nextDouble();
    double contrast = 2 * random.nextDouble();
    double saturation = 2 * random.nextDouble();

    RgbImage varied = Colors.vary(image, brightness, contrast, saturation);

    double mean = 0;
    for (int i = 0; i < image.width() * image.height(); i++) {
      int p = image.rgb(i % image.width(), i / image.width());
      mean += luma(bright(p, 16, brightness), bright(p, 8, brightness), bright(p, 0, brightness));
    }
    mean /= image.width() * image.height();
    for (int i = 0; i < image.width() * image.height(); i++) {
      int p = image.rgb(i % image.width(), i / image.width());
      int q = varied.rgb(i % image.width(), i / image.width());
      double[] level = new double[3];
      for (int k = 0; k < 3; k++) {
        level[k] = cut(mean + contrast * (bright(p, 16 - 8 * k, brightness) - mean));
      }
      double luma = luma(level[0], level[1], level[2]);
      for (int k = 0; k < 3; k++) {
        double expected = cut(luma + saturation * (level[k] - luma));
        // Half a step by rounding, and what floats lose.
        assertThat((double) (q >> (16 - 8 * k) & 0xFF))
            .as("seed %s pixel %s channel %s", seed, i, k)
            .isCloseTo(expected, within(0.501));
      }
    }
  }

  private static double bright(int pixel, int shift, double factor) {
    return cut((pixel >> shift & 0xFF) * factor);
  }

  private static double luma(double red, double green, double blue) {
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  }

  private static double cut(double value) {
    return Math.max(0, Math.min(255, value));
  }
}
