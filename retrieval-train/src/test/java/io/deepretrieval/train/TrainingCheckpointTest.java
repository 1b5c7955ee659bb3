// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingCheckpointTest {
  @TempDir Path directory;

  private static TrainingCheckpoint state(int arrayLength) {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    float[] long1 = new float[arrayLength];
    for (int i = 0; i < arrayLength; i++) {
      long1[i] = i * 0.5f - 3;
    }
    arrays.put("backbone.c1.weight", long1);
    arrays.put("ünicode", new float[] {Float.NaN, -0f, Float.MIN_VALUE});
    arrays.put("empty", new float[0]);
    return new TrainingCheckpoint(
        "backbone=x; seed=1",
        3,
        17,
        400,
        new double[] {1, 2, Double.NaN},
        List.of(
            new EpochReport(0, 0.5, 10, 20, 1.5, 1e-3, 0.8, Double.NaN, 0.25),
            new EpochReport(1, 0.4, 9, 20, 1.25, 1e-4, 0.7, 3, Double.NaN)),
        0.25,
        0,
        List.of(new int[] {4, 2}, new int[] {7}),
        arrays);
  }

  private static void assertSame(TrainingCheckpoint a, TrainingCheckpoint b) {
    assertThat(a.recipe()).isEqualTo(b.recipe());
    assertThat(a.epoch()).isEqualTo(b.epoch());
    assertThat(a.step()).isEqualTo(b.step());
    assertThat(a.updates()).isEqualTo(b.updates());
    assertThat(a.sums()).isEqualTo(b.sums());
    assertThat(a.history()).isEqualTo(b.history());
    assertThat(a.best()).isEqualTo(b.best());
    assertThat(a.bestEpoch()).isEqualTo(b.bestEpoch());
    assertThat(a.batches()).usingElementComparator(Arrays::compare).isEqualTo(b.batches());
    assertThat(a.arrays().keySet()).containsExactlyElementsOf(b.arrays().keySet());
    a.arrays().forEach((name, values) -> assertThat(values).isEqualTo(b.arrays().get(name)));
  }

  @Test
  void comesBackAsItWas() throws IOException {
    Path file = directory.resolve("last.ckpt");
    for (int length : new int[] {0, 1, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 100_000}) {
      state(length).write(file);
      assertSame(TrainingCheckpoint.read(file), state(length));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void everyFlippedByteIsFound() throws IOException {
    Path file = directory.resolve("last.ckpt");
    state(3).write(file);
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << (i % 8));
      Files.write(file, bad);
      assertThatThrownBy(() -> TrainingCheckpoint.read(file))
          .as("byte %d", i)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot read checkpoint " + file + ": ");
    }
  }

  @Test
  void everyCutIsFound() throws IOException {
    Path file = directory.resolve("last.ckpt");
    state(3).write(file);
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> TrainingCheckpoint.read(file))
          .as("cut to %d bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot read checkpoint " + file + ": ");
    }
    Files.write(file, Arrays.copyOf(good, good.length + 1));
    assertThatThrownBy(() -> TrainingCheckpoint.read(file))
        .hasMessage("cannot read checkpoint " + file + ": it must end behind its checksum");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path file = directory.resolve("last.ckpt");
    Files.writeString(file, "not a checkpoint");
    assertThatThrownBy(() -> TrainingCheckpoint.read(file))
        .hasMessage("cannot read checkpoint " + file + ": it must begin with DEEPRCKP");
    state(3).write(file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[11] = 9;
    Files.write(file, bytes);
    assertThatThrownBy(() -> TrainingCheckpoint.read(file))
        .hasMessage("cannot read checkpoint " + file + ": version must be 1 but was 9");
  }

  @Test
  void randomBytesAreAnErrorAndNothingElse() throws IOException {
    long seed = 99;
    Random random = new Random(seed);
    Path file = directory.resolve("last.ckpt");
    state(3).write(file);
    byte[] good = Files.readAllBytes(file);
    for (int round = 0; round < 300; round++) {
      byte[] bad = good.clone();
      for (int i = 12 + random.nextInt(bad.length - 12); i < bad.length; i++) {
        bad[i] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      assertThatThrownBy(() -> TrainingCheckpoint.read(file))
          .as("seed %d, round %d", seed, round)
          .isInstanceOf(IOException.class);
    }
  }
}
