// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.deepretrieval.format.Hdf5File.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that h5py wrote, whole and damaged. */
@Timeout(60)
public class Hdf5FileTest {
  private static final long SEED = 20261127L;

  @TempDir Path directory;

  public static Path resource(Path directory, String name) throws IOException {
    Path file = directory.resolve(name);
    try (InputStream in = Hdf5FileTest.class.getResourceAsStream("/keras/" + name)) {
      Files.copy(Objects.requireNonNull(in, name), file);
    }
    return file;
  }

  private static Node at(Node node, String path) throws IOException {
    return node.child(path).orElseThrow();
  }

  /** Reads all that there is, and gives the number of values. */
  public static long readAll(Path file) throws IOException {
    try (Hdf5File hdf5 = Hdf5File.open(file)) {
      hdf5.root().texts("model_config");
      return walk(hdf5.root(), 0);
    }
  }

  private static long walk(Node node, int depth) throws IOException {
    if (depth > 8) {
      return 0;
    }
    long values = 0;
    for (String name : List.of("layer_names", "weight_names", "backend")) {
      node.texts(name);
    }
    for (String name : node.names()) {
      if (name.isEmpty() || name.contains("/")) {
        continue;
      }
      Node child = at(node, name);
      values +=
          child.names().isEmpty() && name.contains(":")
              ? child.tensor().values().length
              : walk(child, depth + 1);
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"small.h5, 1067", "small-top.h5, 1103"})
  void readsWhatH5pyWrote(String name, long values) throws IOException {
    Path path = resource(directory, name);
    assertThat(readAll(path)).isEqualTo(values);
    try (Hdf5File file = Hdf5File.open(path)) {
      Node root = file.root();
      assertThat(root.names()).containsExactly("model_weights");
      assertThat(root.texts("model_config").orElseThrow().get(0))
          .startsWith("{\"class_name\": \"Mo");
      assertThat(root.texts("backend")).contains(List.of("tensorflow"));
      assertThat(root.texts("nothing")).isEmpty();
      Node weights = at(root, "model_weights");
      assertThat(weights.texts("layer_names").orElseThrow())
          .startsWith("input_1", "pad", "stem", "stem_bn", "stem_relu", "deep", "sum");
      assertThat(at(weights, "point").texts("weight_names"))
          .contains(List.of("point/kernel:0", "point/bias:0"));
      assertThat(at(weights, "pad").texts("weight_names")).contains(List.of());
      SafetensorsFile.Tensor kernel = at(weights, "last/last/kernel:0").tensor();
      assertThat(kernel.shape()).containsExactly(3, 3, 11, 8);
      assertThat(kernel.values())
          .containsExactly(FormulaValues.between("last/kernel", 9 * 11 * 8, -0.4, 0.4));
      assertThat(weights.child("nobody")).isEmpty();
      assertThatThrownBy(() -> at(weights, "last").tensor())
          .hasMessage("/model_weights/last must be a data set but is none");
    }
  }

  @Test
  void numbersOfOtherWidthsAndOrdersBecomeFloats() throws IOException {
    try (Hdf5File file = Hdf5File.open(resource(directory, "types.h5"))) {
      for (String name : List.of("half", "double", "big", "chunks", "edge")) {
        SafetensorsFile.Tensor tensor = at(file.root(), name).tensor();
        assertThat(tensor.shape()).as(name).containsExactly(5, 7);
        for (int i = 0; i < 35; i++) {
          assertThat(tensor.values()[i]).as(name).isEqualTo(i / 2f - 8);
        }
      }
      assertThat(at(file.root(), "scalar").tensor().values()).containsExactly(3.5f);
      assertThat(at(file.root(), "nothing").tensor().shape()).containsExactly(0, 3);
      assertThatThrownBy(() -> at(file.root(), "whole").tensor())
          .hasMessage(
              "/whole must hold numbers of float16, float32 or float64 but holds elements of 4"
                  + " bytes of the type class 0");
      assertThatThrownBy(() -> at(file.root(), "holes").tensor())
          .hasMessage("/holes must have 4 chunks but has 1");
      assertThatThrownBy(() -> at(file.root(), "lzf").tensor())
          .hasMessage(
              "/lzf must be stored by gzip, shuffle and fletcher32 only but is by filter 32000");
      assertThatThrownBy(() -> at(file.root(), "bomb").tensor())
          .hasMessageMatching(
              "its values must have at most \\d+ bytes, 32 times the file and 1 MB, but have at"
                  + " least 21474\\d+");
    }
  }

  @Test
  void theNewerFormIsRefused() throws IOException {
    Path file = resource(directory, "latest.h5");
    assertThatThrownBy(() -> Hdf5File.open(file))
        .hasMessage(
            "it must be written in the form that h5py has by default (superblock 0) but is of the"
                + " newer one (superblock 3, libver='latest')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"small.h5", "small-top.h5", "types.h5"})
  void flippedBytesNeverDoMoreThanFail(String name) throws IOException {
    byte[] whole = Files.readAllBytes(resource(directory, name));
    Path file = directory.resolve("flipped.h5");
    int refused = 0;
    int rounds = Integer.getInteger("fuzz.rounds", 500);
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(SEED + round);
      byte[] bytes = whole.clone();
      for (int f = 1 + random.nextInt(8); f > 0; f--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, bytes);
      try {
        readAll(file);
      } catch (IOException e) {
        assertThat(e.getMessage()).as("seed %d", SEED + round).isNotBlank();
        refused++;
      } catch (RuntimeException | Error e) {
        fail(name + ", seed " + (SEED + round) + ": " + e, e);
      }
    }
    assertThat(refused).as("damage that was seen, of %d", rounds).isGreaterThan(rounds / 20);
  }
}
