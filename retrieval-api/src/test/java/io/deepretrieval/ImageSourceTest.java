// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageSourceTest {
  @Test
  void fileIsReadWhenItIsOpened(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("one.jpg");
    ImageSource source = ImageSource.of(file);
    assertThat(source.name()).isEqualTo(file.toString());
    assertThat(source).hasToString("ImageSource[" + file + "]");
    assertThatThrownBy(source::open).isInstanceOf(NoSuchFileException.class);
    Files.write(file, new byte[] {1, 2});
    assertThat(read(source)).isEqualTo(new byte[] {1, 2});
  }

  @Test
  void bytesAreCopiedAndReadFromTheBeginningEachTime() throws IOException {
    byte[] bytes = {1, 2, 3};
    ImageSource source = ImageSource.of("memory", bytes);
    bytes[0] = 9;
    assertThat(read(source)).isEqualTo(new byte[] {1, 2, 3});
    assertThat(read(source)).isEqualTo(new byte[] {1, 2, 3});
    assertThat(source.name()).isEqualTo("memory");
  }

  @Test
  void openerIsAskedEachTime() throws IOException {
    int[] opened = {0};
    ImageSource source =
        ImageSource.of("counter", () -> new ByteArrayInputStream(new byte[] {(byte) ++opened[0]}));
    assertThat(opened[0]).isZero();
    assertThat(read(source)).isEqualTo(new byte[] {1});
    assertThat(read(source)).isEqualTo(new byte[] {2});
  }

  @Test
  void decodeErrorNamesFileFormatAndReason() {
    IOException cause = new IOException("end of file");
    ImageDecodeException error =
        new ImageDecodeException("a/b.jpg", "JPEG", "file ends early", cause);
    assertThat(error)
        .hasMessage("cannot decode a/b.jpg (format JPEG): file ends early")
        .hasCause(cause);
    assertThat(error.imageName()).isEqualTo("a/b.jpg");
    assertThat(error.format()).isEqualTo("JPEG");
    assertThat(error.reason()).isEqualTo("file ends early");
  }

  @Test
  void itemOverAWholeImageHasNoBox() {
    ImageSource source = ImageSource.of("memory", new byte[0]);
    assertThat(ExtractionItem.of("id", source))
        .isEqualTo(new ExtractionItem("id", source, Optional.empty()));
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullsAreRefusedByName() {
    assertThatThrownBy(() -> ImageSource.of((Path) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("file");
    assertThatThrownBy(() -> ImageSource.of(null, new byte[0]))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("name");
    assertThatThrownBy(() -> ImageSource.of("x", (ImageSource.Opener) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("opener");
    assertThatThrownBy(() -> ExtractionItem.of("x", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("source");
  }

  private static byte[] read(ImageSource source) throws IOException {
    try (InputStream in = source.open()) {
      return in.readAllBytes();
    }
  }
}
