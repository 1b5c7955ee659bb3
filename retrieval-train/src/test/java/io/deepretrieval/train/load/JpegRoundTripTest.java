// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.Sets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JpegRoundTripTest {
  @ParameterizedTest
  @CsvSource({"1,1", "1,40", "7,5", "16,16", "33,17"})
  void sizesStay(int width, int height) {
    RgbImage out = JpegRoundTrip.INSTANCE.apply(Sets.noise(width, height, 1), 50);

    assertThat(out.width()).isEqualTo(width);
    assertThat(out.height()).isEqualTo(height);
  }

  @Test
  void flatGrayIsExact() {
    RgbImage gray = Sets.plain(20, 12, 0x808080);

    assertThat(JpegRoundTrip.INSTANCE.apply(gray, 30)).isEqualTo(gray);
  }

  @Test
  void lowQualityLosesMore() {
    RgbImage image = Sets.noise(64, 48, 2);

    double low = distance(image, JpegRoundTrip.INSTANCE.apply(image, 5));
    double high = distance(image, JpegRoundTrip.INSTANCE.apply(image, 95));

    assertThat(low).isGreaterThan(1.2 * high);
    assertThat(high).isPositive();
  }

  @Test
  void colorsHaveHalfTheResolution() {
    int[] pixels = new int[32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % 2 == 0 ? 0xFF0000 : 0x0000FF;
    }

    RgbImage out = JpegRoundTrip.INSTANCE.apply(RgbImage.ofPacked(32, 32, pixels), 100);

    // Red less blue is 255 and -255 in the image and nearly one value once colors are halved.
    int left = (out.rgb(14, 14) >> 16) - (out.rgb(14, 14) & 0xFF);
    int right = (out.rgb(15, 14) >> 16) - (out.rgb(15, 14) & 0xFF);
    assertThat(Math.abs(left - right)).isLessThan(60);
  }

  @Test
  void threadsDoNotDisturbEachOther() {
    List<RgbImage> images =
        IntStream.range(0, 40).mapToObj(i -> Sets.noise(31 + i, 23, i)).toList();
    List<RgbImage> alone =
        images.stream().map(i -> JpegRoundTrip.INSTANCE.apply(i, i.width())).toList();

    List<RgbImage> together =
        images.parallelStream().map(i -> JpegRoundTrip.INSTANCE.apply(i, i.width())).toList();

    assertThat(together).isEqualTo(alone);
  }

  private static double distance(RgbImage a, RgbImage b) {
    byte[] x = new byte[3 * a.width() * a.height()];
    byte[] y = x.clone();
    a.copyTo(x, 0);
    b.copyTo(y, 0);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double d = (x[i] & 0xFF) - (y[i] & 0xFF);
      sum += d * d;
    }
    return sum / x.length;
  }
}
