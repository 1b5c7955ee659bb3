// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bit for bit what the LANCZOS filter of Pillow gives; see golden/README.md. */
final class ResamplerGoldenTest {
  static List<String> cases() throws IOException {
    try (InputStream in = ResamplerGoldenTest.class.getResourceAsStream("/golden/resampler.txt")) {
      byte[] bytes = Objects.requireNonNull(in, "golden/resampler.txt").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void thereAreGoldenCases() throws IOException {
    assertThat(cases()).hasSize(120);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsPillow(String line) throws NoSuchAlgorithmException {
    String[] parts = line.split(" ", -1);
    int seed = Integer.parseInt(parts[0]);
    int width = Integer.parseInt(parts[1]);
    int height = Integer.parseInt(parts[2]);
    RgbImage result =
        Resampler.resample(
            image(width, height, seed), Integer.parseInt(parts[3]), Integer.parseInt(parts[4]));
    byte[] bytes = new byte[3 * result.width() * result.height()];
    result.copyTo(bytes, 0);
    String shown =
        parts[5].startsWith("sha256:")
            ? "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
            : HexFormat.of().formatHex(bytes);
    assertThat(shown).isEqualTo(parts[5]);
  }

  /** The same image as resampler.py computes. */
  static RgbImage image(int width, int height, int seed) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      int v = i * (int) 2654435761L + seed * 40503;
      v ^= v >>> 15;
      v *= (int) 2246822519L;
      v ^= v >>> 13;
      int value = v >>> 16 & 0xFF;
      rgb[i] = (byte) (seed % 2 == 0 ? value : (value & 64) == 0 ? 0 : 255);
    }
    return RgbImage.copyOf(width, height, rgb);
  }
}
