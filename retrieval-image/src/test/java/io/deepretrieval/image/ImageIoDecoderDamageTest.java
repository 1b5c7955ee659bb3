// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Cut files and flipped bits: an image or the one exception, soon, and never half an image. */
final class ImageIoDecoderDamageTest {
  private static final int CUTS = 48;
  private static final int FLIPS = 40;
  private static final long SEED = 20261123;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Small enough that a flipped size does not make the test slow. */
  private static final ImageIoDecoder DECODER = new ImageIoDecoder(2_000_000, 1 << 20);

  @ParameterizedTest
  @FieldSource("io.deepretrieval.image.TestImages#FILES")
  void cutFileIsAnError(String name) {
    byte[] file = TestImages.file(name);
    Set<Integer> cuts = new TreeSet<>();
    for (int i = 0; i < CUTS; i++) {
      cuts.add(1 + i * (file.length - 1) / CUTS);
    }
    for (int percent : new int[] {1, 50, 90, 99}) {
      cuts.add(Math.max(1, file.length * percent / 100));
    }
    for (int last = 1; last <= 16; last++) {
      cuts.add(file.length - last);
    }
    for (int cut : cuts) {
      try {
        RgbImage image = decode(name, Arrays.copyOf(file, cut));
        fail("%s cut at %s of %s gave %s", name, cut, file.length, image);
      } catch (ImageDecodeException e) {
        assertThat(e.imageName()).isEqualTo(name);
        assertThat(e.reason()).isNotBlank();
      }
    }
  }

  @ParameterizedTest
  @FieldSource("io.deepretrieval.image.TestImages#FILES")
  void flippedBitsGiveAnImageOrTheError(String name) {
    byte[] file = TestImages.file(name);
    for (int i = 0; i < FLIPS; i++) {
      long seed = SEED + i;
      Random random = new Random(seed * 31 + name.hashCode());
      byte[] damaged = file.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        // The first bytes, which hold sizes and places, as often as all others.
        int at = random.nextInt(random.nextBoolean() ? Math.min(64, file.length) : file.length);
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      Assertions.assertTimeoutPreemptively(
          LIMIT,
          () -> {
            try {
              assertThat(decode(name, damaged).width()).isPositive();
            } catch (ImageDecodeException e) {
              assertThat(e).hasMessageStartingWith("cannot decode " + name + " (format ");
            } catch (Throwable e) {
              fail("seed " + seed + " of " + name, e);
            }
          },
          () -> "seed " + seed + " of " + name + " hangs");
    }
  }

  private static RgbImage decode(String name, byte[] file) throws ImageDecodeException {
    return DECODER.decode(ImageSource.of(name, file));
  }
}
