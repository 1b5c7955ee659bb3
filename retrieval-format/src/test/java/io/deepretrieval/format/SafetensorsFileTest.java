// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.format.SafetensorsFile.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  @TempDir Path directory;

  private Path file(String header, byte... data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(json.length).put(json).put(data);
    return Files.write(directory.resolve("w.safetensors"), all.array());
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Path file = directory.resolve("a.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", new Tensor(List.of(2, 3), new float[] {1, -2, 3, Float.MIN_VALUE, 5, 6}));
    tensors.put("a", new Tensor(List.of(), new float[] {7}));
    tensors.put("empty", new Tensor(List.of(0, 4), new float[0]));
    SafetensorsFile.write(file, Map.of("key", "value"), tensors);
    Map<String, Tensor> read = SafetensorsFile.read(file);
    assertThat(read.keySet()).containsExactly("b", "a", "empty");
    read.forEach(
        (name, tensor) -> {
          assertThat(tensor.shape()).isEqualTo(at(tensors, name).shape());
          assertThat(tensor.values()).isEqualTo(at(tensors, name).values());
        });
    assertThat(directory.toFile().list()).containsExactly("a.safetensors");
  }

  @Test
  void widensHalfAndBrainFloats() throws IOException {
    Path file =
        file(
            "{\"h\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[6,8]}}",
            (byte) 0,
            (byte) 0x3C,
            (byte) 0,
            (byte) 0xC0,
            (byte) 1,
            (byte) 0,
            (byte) 0xC0,
            (byte) 0x3F);
    Map<String, Tensor> read = SafetensorsFile.read(file);
    assertThat(at(read, "h").values()).containsExactly(1f, -2f, 0x1p-24f);
    assertThat(at(read, "b").values()).containsExactly(1.5f);
  }

  @ParameterizedTest
  @CsvSource({
    "0x0000, 0",
    "0x8000, -0.0",
    "0x3555, 0.333251953125",
    "0x7BFF, 65504",
    "0x0400, 6.103515625E-5",
    "0x03FF, 6.097555160522461E-5",
    "0x7C00, Infinity",
    "0xFC00, -Infinity",
    "0x7E00, NaN"
  })
  void halfFloatsWidenExactly(String bits, float value) {
    assertThat(Float.valueOf(Float16.toFloat((short) (int) Integer.decode(bits))))
        .isEqualTo(Float.valueOf(value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1]|header must be a JSON object",
        "{\"a\":|header must be a JSON object: com.google.gson",
        "{\"a\":1}|tensor a must have dtype, shape and data_offsets",
        "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}|tensor a must be of dtype"
            + " F32, F16 or BF16 but is I64",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|tensor a must have sizes"
            + " >= 0 but has -1",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|tensor a of 2 F32 must lie"
            + " within",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}|tensor a of 2 F32 must lie"
            + " within",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}|tensor a of 2 F32 must lie"
            + " within",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,9],\"data_offsets\":[0,8]}}|tensor"
            + " a must have dtype, shape and data_offsets: java.lang.ArithmeticException",
      })
  void damageIsNamed(String header, String reason) throws IOException {
    Path file = file(header, new byte[8]);
    assertThatThrownBy(() -> SafetensorsFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read weights " + file + " (safetensors): " + reason);
  }

  @Test
  void everyTruncationIsAnError() throws IOException {
    Path file = directory.resolve("t.safetensors");
    SafetensorsFile.write(
        file, Map.of(), Map.of("a", new Tensor(List.of(3), new float[] {1, 2, 3})));
    byte[] whole = Files.readAllBytes(file);
    for (int n = 0; n < whole.length; n++) {
      Path cut = directory.resolve("cut.safetensors");
      Files.write(cut, java.util.Arrays.copyOf(whole, n));
      assertThatThrownBy(() -> SafetensorsFile.read(cut))
          .as("cut to " + n + " bytes")
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cut.safetensors");
    }
  }

  private static Tensor at(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
