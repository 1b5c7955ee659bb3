// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the lists of allowed names share and where they differ. */
final class SafeUnpicklerTest {
  private static final String INT8 =
      "cnumpy\ndtype\nU\2i1\u0089\u0088\u0087R(K\3U\1|NNNK\0K\0K\0tb";
  private static final String ARRAY =
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\u0085U\1btR(K\1K\2\u0085"
          + INT8
          + "\u0089U\2\7\376tb.";

  @TempDir Path directory;

  private Path write(String opcodes) throws IOException {
    return Files.write(
        directory.resolve("data.pkl"), opcodes.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void plainDataIsReadByBoth() throws IOException {
    Path file = write("}(U\1aK\7U\1b]q\1(K\1M\0\2Neu.");
    Map<String, Object> expected = Map.of("a", 7, "b", Arrays.asList(1, 512, null));
    assertThat(SafeUnpickler.readPlain(file)).isEqualTo(expected);
    assertThat(SafeUnpickler.readArrays(file)).isEqualTo(expected);
  }

  @Test
  void arraysAreReadWhereTheyAreAllowed() throws IOException {
    Path file = write(ARRAY);
    assertThat(SafeUnpickler.readArrays(file)).isEqualTo(List.of(7L, -2L));
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readPlain(file))
        .withMessage(
            "pickle must hold plain lists, dictionaries, texts and numbers but asks for class"
                + " 'numpy.core.multiarray._reconstruct'");
  }

  @ParameterizedTest
  @CsvSource({"os, system", "builtins, eval", "collections, OrderedDict", "torch, FloatStorage"})
  void otherNamesAreRefused(String module, String name) throws IOException {
    Path file = write("c" + module + "\n" + name + "\n(U\1xtR.");
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readPlain(file))
        .withMessageEndingWith("but asks for class '" + module + "." + name + "'");
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readArrays(file))
        .withMessage(
            "pickle at byte 0: global "
                + module
                + "."
                + name
                + " is not allowed, as it is neither plain data nor a numpy array");
  }

  @Test
  void aNameThatIsNoTextIsNotPrinted() throws IOException {
    // A list of lists, each twice in the next: 2^100 brackets.
    StringBuilder nested = new StringBuilder("]");
    for (int i = 0; i < 100; i++) {
      nested.append("q").append((char) i).append("](h").append((char) i).append("h");
      nested.append((char) i).append("e");
    }
    Path file = write(nested + "U\1x\u0093.");
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readArrays(file))
        .withMessageContaining("global ?.x is not allowed");
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readPlain(file))
        .withMessageEndingWith("asks for class '?.x'");
  }

  @Test
  void aNumberIsOfBoundedLength() throws IOException {
    Path file = write("\u008b\0\2\0\0" + "\7".repeat(512) + ".");
    assertThatExceptionOfType(PickleFormatException.class)
        .isThrownBy(() -> SafeUnpickler.readArrays(file))
        .withMessage("pickle at byte 0: value must have at most 256 bytes but has 512");
  }
}
