// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.SimilarityMap;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class SimilarityOverlayTest {
  private static BufferedImage read(String uri) throws IOException {
    assertThat(uri).startsWith("data:image/png;base64,");
    byte[] png = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static int brightness(int rgb) {
    return (rgb >> 16 & 0xFF) + (rgb >> 8 & 0xFF) + (rgb & 0xFF);
  }

  @Test
  void oneTranslucentPixelACellBrighterTheMoreItAdds() throws IOException {
    SimilarityMap map = SimilarityMap.of(2, 3, new double[] {0, 0.1, 0.2, 0.4, -0.4, -0.1});
    BufferedImage image = read(SimilarityOverlay.uri(map));
    assertThat(image.getWidth()).isEqualTo(3);
    assertThat(image.getHeight()).isEqualTo(2);
    assertThat(brightness(image.getRGB(0, 0))).isLessThan(brightness(image.getRGB(1, 0)));
    assertThat(brightness(image.getRGB(1, 0))).isLessThan(brightness(image.getRGB(2, 0)));
    assertThat(brightness(image.getRGB(2, 0))).isLessThan(brightness(image.getRGB(0, 1)));
    int takesAway = image.getRGB(1, 1);
    assertThat(takesAway & 0xFF).isGreaterThan(takesAway >> 16 & 0xFF);
    assertThat(takesAway >>> 24).isBetween(100, 220);
  }

  @Test
  void colorsAreRelativeToTheLargest() {
    assertThat(SimilarityOverlay.color(0.3, 0.3)).isEqualTo(15);
    assertThat(SimilarityOverlay.color(0, 0.3)).isEqualTo(3);
    assertThat(SimilarityOverlay.color(-0.3, 0.3)).isZero();
    assertThat(SimilarityOverlay.color(0.15, 0.3)).isEqualTo(9);
    assertThat(SimilarityOverlay.color(0, 0)).isEqualTo(3);
  }

  @Test
  void largeMapIsDrawnCoarserUntilItIsSmall() throws IOException {
    double[] noise = new Random(3).doubles(100 * 80, -1, 1).toArray();
    String uri = SimilarityOverlay.uri(SimilarityMap.of(100, 80, noise));
    assertThat(uri.length()).isLessThan(1300);
    assertThat(read(uri).getHeight()).isBetween(12, 50);
  }

  @Test
  void wordsNameTheCosineAndTheLargest() {
    assertThat(SimilarityOverlay.words(SimilarityMap.of(1, 2, new double[] {-0.25, 0.75})))
        .isEqualTo(
            "shares of cosine 0.5000 on 1 by 2 cells, the largest 0.7500 at row 1, column 2");
  }
}
