// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a file says of itself, beside what its pixels are. */
final class ImageHeadTest {
  private static final ImageIoDecoder DECODER = new ImageIoDecoder(2_000_000, 1 << 20);

  @ParameterizedTest
  @FieldSource("io.deepretrieval.image.TestImages#FILES")
  void sizeIsThatOfTheDecodedImage(String name) throws ImageDecodeException {
    ImageSource source = ImageSource.of(name, TestImages.file(name));
    RgbImage image = DECODER.decode(source);
    ImageHead head = DECODER.inspect(source);
    assertThat(head.width()).isEqualTo(image.width());
    assertThat(head.height()).isEqualTo(image.height());
    assertThat(head.pixels()).isEqualTo((long) image.width() * image.height());
    assertThat(head.format()).isNotBlank();
  }

  @ParameterizedTest
  @FieldSource("io.deepretrieval.image.TestImages#FILES")
  void whatInspectionRefusesDoesNotDecodeEither(String name) {
    byte[] file = TestImages.file(name);
    for (int cut = 1; cut < file.length; cut += 1 + file.length / 20) {
      ImageSource source = ImageSource.of(name, Arrays.copyOf(file, cut));
      try {
        DECODER.inspect(source);
      } catch (ImageDecodeException expected) {
        try {
          fail("%s cut at %s of %s gave %s", name, cut, file.length, DECODER.decode(source));
        } catch (ImageDecodeException e) {
          assertThat(e).hasMessage(expected.getMessage());
        }
      }
    }
  }

  @Test
  void limitsAndFormatsAreThoseOfTheDecoder() {
    byte[] file = TestImages.file(TestImages.FILES.get(0));
    assertThatThrownBy(() -> new ImageIoDecoder(1, 1 << 20).inspect(ImageSource.of("large", file)))
        .isInstanceOf(ImageDecodeException.class)
        .hasMessageContaining("image must have at most 1 pixels but was ");
    assertThatThrownBy(() -> DECODER.inspect(ImageSource.of("text", new byte[] {65, 66})))
        .isInstanceOf(ImageDecodeException.class)
        .hasMessageContaining("format is not supported");
  }
}
