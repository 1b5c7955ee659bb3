// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files of every container: a clear error that names the file, or values; nothing else. */
@Timeout(120)
public class TorchFileFuzzTest {
  private static final long SEED = 20261124L;

  @TempDir Path directory;

  /** Opens a file and reads every tensor in it. */
  public static void readAll(Path path) throws IOException {
    try (TorchFile file = TorchFile.open(path)) {
      walk(file, file.root(), 0);
    }
  }

  private static void walk(TorchFile file, Object value, int depth) throws IOException {
    if (depth > 20) {
      return;
    }
    if (value instanceof StoredTensor tensor) {
      assertThat(file.read("t", tensor)).hasSize(tensor.length());
    } else if (value instanceof Map<?, ?> map) {
      for (Object item : map.values()) {
        walk(file, item, depth + 1);
      }
    } else if (value instanceof List<?> list) {
      for (Object item : list) {
        walk(file, item, depth + 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "pickles.pth", "tar.pth"})
  void truncatedFilesAreNamed(String name) throws IOException {
    byte[] whole = Files.readAllBytes(TorchFileTest.resource(directory, name));
    // The end of a tar is padding.
    int end = name.equals("tar.pth") ? content(whole) : whole.length;
    Path cut = directory.resolve("cut.pth");
    for (int i = 0; i < 200; i++) {
      int length = (int) ((long) end * i / 200);
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> readAll(cut))
          .as("%s cut to %d of %d bytes", name, length, whole.length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot read weights " + cut + " (torch): ");
    }
  }

  private static int content(byte[] tar) {
    int end = tar.length;
    while (tar[end - 1] == 0) {
      end--;
    }
    return end;
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "pickles.pth", "tar.pth"})
  void flippedBytesNeverDoMoreThanFail(String name) throws IOException {
    byte[] whole = Files.readAllBytes(TorchFileTest.resource(directory, name));
    Path path = directory.resolve("flipped.pth");
    int refused = 0;
    for (int round = 0; round < 500; round++) {
      Random random = new Random(SEED + round);
      byte[] bytes = whole.clone();
      int flips = 1 + random.nextInt(3);
      for (int f = 0; f < flips; f++) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(path, bytes);
      try {
        readAll(path);
      } catch (IOException e) {
        refused++;
        assertThat(e)
            .as("%s, seed %d", name, SEED + round)
            .hasMessageContaining("cannot read weights " + path + " (torch): ");
      } catch (RuntimeException | Error e) {
        fail(name + ", seed " + (SEED + round) + ": " + e, e);
      }
    }
    assertThat(refused).as("damage that was seen, of 500").isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void randomOperationsNeverDoMoreThanFail(int part) throws IOException {
    byte[] alphabet =
        ("()]}.0NK\u0001\u0085\u0086\u0087taesubRQq\u0000h\u0000\u0081X\u0001\u0000\u0000\u0000a2l"
                + "d\u0088")
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    Path path = directory.resolve("random.pth");
    for (int round = 0; round < 400; round++) {
      long seed = SEED + part * 400L + round;
      Random random = new Random(seed);
      Pickles pickle = Pickles.pickle();
      for (int i = 0; i < 60; i++) {
        switch (random.nextInt(6)) {
          case 0 -> pickle.global("collections", "OrderedDict");
          case 1 -> pickle.global("torch._utils", "_rebuild_tensor_v2");
          case 2 -> pickle.global("numpy.core.multiarray", "_reconstruct");
          default -> pickle.op(alphabet[random.nextInt(alphabet.length)] & 0xFF);
        }
      }
      Pickles.zip(path, pickle.stop(), Map.of(), java.util.zip.ZipEntry.STORED);
      try {
        readAll(path);
      } catch (IOException e) {
        assertThat(e).as("seed " + seed).hasMessageContaining("cannot read weights " + path);
      } catch (RuntimeException | Error e) {
        fail("seed " + seed + ": " + e, e);
      }
    }
  }
}
