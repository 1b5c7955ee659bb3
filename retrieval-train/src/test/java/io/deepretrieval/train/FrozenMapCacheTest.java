// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.FeatureMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FrozenMapCacheTest {
  @TempDir Path directory;

  private static FeatureMap map(long seed, int channels, int height, int width) {
    Random random = new Random(seed);
    float[] values = new float[channels * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return FeatureMap.ofOwned(channels, height, width, values);
  }

  private static FeatureMap of(float... values) {
    return FeatureMap.ofOwned(values.length, 1, 1, values);
  }

  @Test
  void givesBackWhatWasRounded() throws IOException {
    try (FrozenMapCache cache = new FrozenMapCache(directory, 1 << 20)) {
      for (int i = 0; i < 20; i++) {
        assertThat(cache.put(-10L + i, map(i, 1 + i % 3, 2 + i, 5))).isTrue();
      }
      for (int i = 0; i < 20; i++) {
        FeatureMap original = map(i, 1 + i % 3, 2 + i, 5);
        FeatureMap kept = cache.get(-10L + i).orElseThrow();
        assertThat(kept).isEqualTo(FrozenMapCache.rounded(original));
        assertThat(FrozenMapCache.rounded(kept)).isEqualTo(kept);
        float[] a = original.sharedValues();
        float[] b = kept.sharedValues();
        for (int k = 0; k < a.length; k++) {
          assertThat(Math.abs(a[k] - b[k])).isLessThanOrEqualTo(Math.abs(a[k]) / 2048 + 1e-7f);
        }
      }
      assertThat(cache.contains(-10)).isTrue();
      assertThat(cache.contains(10)).isFalse();
      assertThat(cache.get(10)).isEmpty();
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void takesNoMoreThanItMay() throws IOException {
    try (FrozenMapCache cache = new FrozenMapCache(directory, 10)) {
      assertThat(cache.put(1, of(1, 2, 3))).isTrue();
      assertThat(cache.put(2, of(1, 2, 3))).isFalse();
      assertThat(cache.put(3, of(4, 5))).isTrue();
      assertThat(cache.bytes()).isEqualTo(10);
      assertThat(cache.get(2)).isEmpty();
      assertThat(cache.get(3)).contains(of(4, 5));
    }
    try (FrozenMapCache cache = new FrozenMapCache(directory, 0)) {
      assertThat(cache.put(1, of(1))).isFalse();
    }
  }

  @Test
  void aKeyIsTakenOnce() throws IOException {
    try (FrozenMapCache cache = new FrozenMapCache(directory, 100)) {
      assertThat(cache.put(1, of(1))).isTrue();
      assertThat(cache.put(1, of(2))).isFalse();
      assertThat(cache.get(1)).contains(of(1));
    }
  }

  @Test
  void whatFloat16CannotHoldStaysAsItIs() throws IOException {
    FeatureMap large = of(1, 70_000);
    assertThat(FrozenMapCache.rounded(large)).isSameAs(large);
    try (FrozenMapCache cache = new FrozenMapCache(directory, 100)) {
      assertThat(cache.put(1, large)).isFalse();
      assertThat(cache.put(2, of(Float.NaN))).isFalse();
      assertThat(cache.bytes()).isZero();
    }
  }

  @Test
  void aCutFileIsAnError() throws IOException {
    try (FrozenMapCache cache = new FrozenMapCache(directory, 100)) {
      cache.put(1, of(1, 2, 3));
      Path file;
      try (Stream<Path> files = Files.list(directory)) {
        file = files.findFirst().orElseThrow();
      }
      Files.write(file, new byte[2]);
      assertThatThrownBy(() -> cache.get(1))
          .isInstanceOf(IOException.class)
          .hasMessage("cached maps must have 6 bytes but were cut: " + file);
    }
  }

  @Test
  void refuses() {
    assertThatThrownBy(() -> new FrozenMapCache(directory, -1))
        .hasMessage("limit must be at least 0 bytes but was -1");
    assertThatThrownBy(() -> new FrozenMapCache(directory.resolve("none"), 1))
        .isInstanceOf(IOException.class);
  }
}
