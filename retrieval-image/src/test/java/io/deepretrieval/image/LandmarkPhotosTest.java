// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.testkit.SharedFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real photos, if there are any beside the repository. */
final class LandmarkPhotosTest {
  private static List<Path> photos = List.of();

  @BeforeAll
  static void findPhotos() throws IOException {
    try (Stream<Path> files = Files.list(SharedFiles.require("data/landmarks/jpg"))) {
      photos = files.sorted().toList();
    }
  }

  @Test
  void photosEqualThoseOfPlainImageIo() throws IOException {
    assertThat(photos).hasSizeGreaterThan(100);
    for (Path photo : photos) {
      RgbImage image = new ImageIoDecoder().decode(ImageSource.of(photo));
      BufferedImage plain = ImageIO.read(photo.toFile());
      int[] pixels =
          plain.getRGB(0, 0, plain.getWidth(), plain.getHeight(), null, 0, plain.getWidth());
      assertThat(image)
          .as(photo.toString())
          .isEqualTo(RgbImage.ofPacked(plain.getWidth(), plain.getHeight(), pixels));
    }
  }

  @Test
  void photosCutShortAreErrors() throws IOException {
    ImageIoDecoder decoder = new ImageIoDecoder();
    for (Path photo : photos) {
      byte[] file = Files.readAllBytes(photo);
      for (int percent : new int[] {1, 50, 99}) {
        byte[] cut = Arrays.copyOf(file, file.length * percent / 100);
        assertThatExceptionOfType(ImageDecodeException.class)
            .as("%s of %s", percent, photo)
            .isThrownBy(() -> decoder.decode(ImageSource.of(photo.toString(), cut)));
      }
    }
  }
}
