// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.FILES;
import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits, sources, names of formats, threads. */
final class ImageIoDecoderTest {
  private static final String UNSUPPORTED =
      "format is not supported; supported: JPEG, PNG, WebP, GIF, BMP and TIFF";

  @Test
  void limitOfPixelsIsInclusive() throws IOException {
    ImageSource source = ImageSource.of("card", file("rgb.bmp"));

    assertThat(new ImageIoDecoder(24 * 16, 1 << 20).decode(source).width()).isEqualTo(24);
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder(24 * 16 - 1, 1 << 20).decode(source))
        .withMessage(
            "cannot decode card (format BMP): image must have at most 383 pixels but was 24x16");
  }

  @Test
  void limitOfBytesIsInclusive() throws IOException {
    byte[] bytes = file("rgb.bmp");
    ImageSource source = ImageSource.of("card", bytes);

    assertThat(new ImageIoDecoder(1000, bytes.length).decode(source).width()).isEqualTo(24);
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder(1000, bytes.length - 1).decode(source))
        .withMessage(
            "cannot decode card (format BMP): file must have at most 1205 bytes but has more");
  }

  @Test
  void endlessStreamIsRefusedAtTheLimit() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(
            () -> new ImageIoDecoder(1, 100_000).decode(ImageSource.of("pipe", () -> endless)))
        .withMessage(
            "cannot decode pipe (format text): file must have at most 100000 bytes but has more");
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,'maxPixels must be in [1, 715827879] but was 0'",
    "715827880,1,'maxPixels must be in [1, 715827879] but was 715827880'",
    "1,0,'maxBytes must be in [1, 2147483639] but was 0'",
    "1,2147483640,'maxBytes must be in [1, 2147483639] but was 2147483640'"
  })
  void limitsOutOfRangeAreRejected(long maxPixels, int maxBytes, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageIoDecoder(maxPixels, maxBytes))
        .withMessage(message);
  }

  @Test
  void emptyFileIsNamed() {
    assertFails(new byte[0], "unknown", "file is empty");
  }

  @ParameterizedTest
  @CsvSource({
    "HEIC,'\0\0\0\u0018ftypheic\0\0\0\0mif1heic'",
    "HEIC,'\0\0\0\u0018ftypmif1\0\0\0\0mif1heic'",
    "AVIF,'\0\0\0\u0018ftypavif\0\0\0\0mif1avif'",
    "AVIF,'\0\0\0\u0018ftypmif1\0\0\0\0mif1avif'",
    "CR3,'\0\0\0\u0018ftypcrx \0\0\0\u0001crx isom'",
    "MP4,'\0\0\0\u0018ftypisom\0\0\0\0isommp42'",
    "MP4,'\0\0\0\u0018ftyp'",
    "PDF,'%PDF-1.7'",
    "PostScript,'%!PS-Adobe-3.0 EPSF-3.0'",
    "PSD,'8BPS\0\u0001'",
    "ICO,'\0\0\u0001\0\u0001\0'",
    "JPEG XL,'\u00FF\n\u00FA'",
    "JPEG XL,'\0\0\0\fJXL \r\n'",
    "JPEG 2000,'\0\0\0\fjP  \r\n'",
    "JPEG 2000,'\u00FFO\u00FFQ\0'",
    "ZIP,'PK\u0003\u0004'",
    "RIFF,'RIFF\u0004\0\0\0WAVE'",
    "HTML,'  <!DOCTYPE html>\n<html>'",
    "HTML,'<HTML><body>404'",
    "SVG,'<?xml version=\"1.0\"?><svg>'",
    "text,'Not found\n'",
    "unknown,'\u0001\u0002\u0003'",
    "unknown,'\u00FF\u00D8'"
  })
  void foreignFormatsAreNamed(String format, String content) {
    assertFails(content.getBytes(StandardCharsets.ISO_8859_1), format, UNSUPPORTED);
  }

  @Test
  void missingFileIsNamed(@TempDir Path directory) {
    Path missing = directory.resolve("gone.jpg");

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(ImageSource.of(missing)))
        .withMessage("cannot decode " + missing + " (format unknown): file does not exist");
  }

  @Test
  void directoryIsNamed(@TempDir Path directory) {
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(ImageSource.of(directory)))
        .withMessageStartingWith("cannot decode " + directory + " (format unknown): file ");
  }

  @Test
  void fileWithoutPermissionIsNamed(@TempDir Path directory) throws IOException {
    Path secret = Files.write(directory.resolve("secret.jpg"), file("rgb.jpg"));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(secret), "this user may read everything");

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(ImageSource.of(secret)))
        .withMessage(
            "cannot decode "
                + secret
                + " (format unknown): file must not be read: permission denied");
  }

  @Test
  void failingSourceIsNamed() {
    ImageSource unchecked =
        ImageSource.of(
            "broken",
            () -> {
              throw new IllegalStateException("no connection");
            });
    ImageSource silent =
        ImageSource.of(
            "silent",
            () -> {
              throw new IOException();
            });

    ImageSource locked =
        ImageSource.of(
            "locked",
            () -> {
              throw new AccessDeniedException("/somewhere");
            });

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(locked))
        .withMessage(
            "cannot decode locked (format unknown): file must not be read: permission denied");
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(unchecked))
        .withMessage("cannot decode broken (format unknown): file cannot be read: no connection")
        .withCauseInstanceOf(IllegalStateException.class);
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> new ImageIoDecoder().decode(silent))
        .withMessage("cannot decode silent (format unknown): file cannot be read: IOException");
  }

  @Test
  void allFormatsInEightThreadsAtOnce() throws Exception {
    ImageIoDecoder decoder = new ImageIoDecoder();
    Map<String, RgbImage> alone = new HashMap<>();
    for (String name : FILES) {
      alone.put(name, new ImageIoDecoder().decode(ImageSource.of(name, file(name))));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int shift = 5 * t;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 4 * FILES.size(); i++) {
                    String name = FILES.get((i + shift) % FILES.size());
                    assertThat(decoder.decode(ImageSource.of(name, file(name))))
                        .as(name)
                        .isEqualTo(alone.get(name));
                  }
                  return true;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void globalSettingsStayAsTheyWere() throws IOException {
    boolean cache = ImageIO.getUseCache();
    List<Object> before = new ArrayList<>();
    IIORegistry registry = IIORegistry.getDefaultInstance();
    registry.getServiceProviders(ImageReaderSpi.class, true).forEachRemaining(before::add);

    for (String name : FILES) {
      new ImageIoDecoder().decode(ImageSource.of(name, file(name)));
    }

    List<Object> after = new ArrayList<>();
    registry.getServiceProviders(ImageReaderSpi.class, true).forEachRemaining(after::add);
    assertThat(after).isEqualTo(before);
    assertThat(ImageIO.getUseCache()).isEqualTo(cache);
  }
}
