// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that are data, that are damaged and that would do harm. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SfmPickleTest {
  private static final String NOT_ALLOWED =
      " is not allowed, as it is neither plain data nor a numpy array";

  /** The type of int64, as Python writes it in protocol 2. */
  private static final String INT64 =
      "cnumpy\ndtype\nU\2i8\u0089\u0088\u0087R(K\3U\1<NNNJ\377\377\377\377J\377\377\377\377K\0tb";

  @TempDir Path root;

  private Object load(String opcodes) throws IOException {
    return Objects.requireNonNull(SfmPickle.read(Pickles.write(root, opcodes.replace("^", ""))));
  }

  /** An array by its state: shape, type and elements. */
  private static String array(String shape, String type, String elements) {
    return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\u0085U\1btR(K\1"
        + shape
        + type
        + "\u0089"
        + elements
        + "t^b.";
  }

  private static String type(String name, char order) {
    return "cnumpy\ndtype\nU"
        + (char) name.length()
        + name
        + "\u0089\u0088\u0087R(K\3U\1"
        + order
        + "NNNK\4K\4K\0tb";
  }

  private static String bytes(String raw) {
    return "U" + (char) raw.length() + raw;
  }

  /** The mark ^ stands before the opcode that is wrong. */
  private void assertRefused(String opcodes, String message) throws IOException {
    Path file = Pickles.write(root, opcodes.replace("^", ""));
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(file))
        .withMessage(file + ": pickle at byte " + opcodes.indexOf('^') + message);
  }

  // ---- data

  @Test
  void readsPlainData() throws IOException {
    assertThat(load("(lp0\nI-7\naF1.5\naL12345678901L\naI01\naNaV\\u20ac\na."))
        .asInstanceOf(LIST)
        .containsExactly(-7, 1.5, 12345678901L, true, null, "€");
    assertThat(load("\u0080\2}q\0(X\1\0\0\0aK\7X\1\0\0\0b]q\1(K\1M\0\2J\377\377\377\377eu."))
        .isEqualTo(Map.of("a", 7, "b", List.of(1, 512, -1)));
    assertThat(load("(S'a'\nI1\nS'b'\nI2\nd.")).isEqualTo(Map.of("a", 1, "b", 2));
    assertThat(load("(I1\nI2\nlq\1h\1\u0086.")).isInstanceOf(Object[].class);
  }

  @Test
  void readsArraysOfPython2() throws IOException {
    // Its texts are bytes.
    String raw = bytes("\1\0\0\0\0\0\0\0\376\377\377\377\377\377\377\377");

    assertThat(SfmPickle.elements(load(array("K\2\u0085", INT64, raw))))
        .isEqualTo(List.of(1L, -2L));
    assertThat(SfmPickle.elements(load(array("K\1K\2\u0086", INT64, raw))))
        .isEqualTo(List.of(1L, -2L));
    assertThat(SfmPickle.elements(load(array(")", type("S3", '|'), bytes("ab\0")))))
        .isEqualTo(List.of("ab"));
    assertThat(SfmPickle.elements(load(array("K\0\u0085", type("S3", '|'), bytes("")))))
        .isEqualTo(List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "i1, <, 'ff', -1",
    "u1, |, 'ff', 255",
    "i2, <, 'feff', -2",
    "i2, >, 'fffe', -2",
    "u2, >, 'fffe', 65534",
    "i4, <, 'fdffffff', -3",
    "u4, <, 'fdffffff', 4294967293",
    "u4, >, '00000100', 256",
    "i8, >, '0000000000000100', 256",
    "u8, <, '0100000000000000', 1",
  })
  void readsWholeNumbersOfEveryKind(String name, char order, String hex, long expected)
      throws IOException {
    assertThat(SfmPickle.elements(load(array(")", type(name, order), bytes(unhex(hex))))))
        .isEqualTo(List.of(expected));
  }

  private static String unhex(String hex) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < hex.length(); i += 2) {
      text.append((char) Integer.parseInt(hex.substring(i, i + 2), 16));
    }
    return text.toString();
  }

  @Test
  void readsFloats() throws IOException {
    assertThat(SfmPickle.elements(load(array(")", type("f4", '>'), bytes(unhex("c0200000"))))))
        .isEqualTo(List.of(-2.5));
    assertThat(
            SfmPickle.elements(load(array(")", type("f8", '<'), bytes(unhex("000000000000e03f"))))))
        .isEqualTo(List.of(0.5));
  }

  @Test
  void readsTextsBeyondTheFirstPlane() throws IOException {
    assertThat(
            SfmPickle.elements(
                load(array(")", type("U3", '>'), bytes(unhex("0001f5fc0000006100000000"))))))
        .isEqualTo(List.of("\uD83D\uDDFCa"));
  }

  // ---- harm

  @ParameterizedTest
  @CsvSource({"0, 15", "2, 17", "4, 38"})
  void refusesToRunACommand(int protocol, int at) {
    Path file = Pickles.resource(root, "command-" + protocol + ".pkl");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(file))
        .withMessage(file + ": pickle at byte " + at + ": global posix.system" + NOT_ALLOWED);
    assertThat(Path.of("executed")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "'os', 'system'",
    "'builtins', 'eval'",
    "'__builtin__', 'getattr'",
    "'builtins', 'ValueError'",
    "'subprocess', 'Popen'",
    "'copy_reg', '_reconstructor'",
    "'collections', 'OrderedDict'",
    "'datetime', 'datetime'",
    "'decimal', 'Decimal'",
    "'numpy', 'load'",
    "'numpy.core.multiarray', 'fromfile'",
    "'_codecs', 'decode'"
  })
  void refusesWhateverElseIsNamed(String module, String name) throws IOException {
    String message = ": global " + module + "." + name + NOT_ALLOWED;

    assertRefused("^c" + module + "\n" + name + "\n.", message);
    assertRefused("(^i" + module + "\n" + name + "\n.", message);
    assertRefused("V" + module + "\nV" + name + "\n^\u0093.", message);
  }

  @ParameterizedTest
  @CsvSource({
    "P, 50",
    "Q, 51",
    "o, 6f",
    "0, 30",
    "1, 31",
    "2, 32",
    "\u0081, 81",
    "\u0082, 82",
    "\u0083, 83",
    "\u0084, 84",
    "\u008f, 8f",
    "\u0090, 90",
    "\u0091, 91",
    "\u0092, 92",
    "\u0097, 97",
    "\u0098, 98",
    "\u00ff, ff",
    "Z, 5a"
  })
  void refusesOpcodesThatAreNoData(String opcode, String hex) throws IOException {
    assertRefused("]^" + opcode, ": opcode 0x" + hex + " is not allowed, as it is not plain data");
  }

  @Test
  void callsNothingButWhatNumpyNeeds() throws IOException {
    assertRefused("])^R.", ": only a global can be called, with a tuple");
    assertRefused("cnumpy\ndtype\n]^R.", ": only a global can be called, with a tuple");
    assertRefused("cnumpy\nndarray\n)^R.", ": numpy.ndarray must be made by _reconstruct");
    assertRefused(
        "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\nt^R.",
        ": _reconstruct must make a numpy.ndarray");
    assertRefused(
        "c_codecs\nencode\n(Va\nVrot13\nt^R.",
        ": encode must be asked for latin1 but was for rot13");
    assertRefused(
        "cbuiltins\nbytes\nJ\377\377\377\177\u0085^R.", ": bytes must be called without arguments");
    assertRefused("}N^b.", ": only a numpy array or type can have a state");
  }

  @Test
  void refusesKeysThatAreNoTexts() throws IOException {
    // A list of lists of lists, each twice in the next, would be hashed 2^n times.
    String rule = ": dict must have texts as keys";
    assertRefused("}]N^s.", rule);
    assertRefused("}(]N^u.", rule);
    assertRefused("(]N^d.", rule);
    assertRefused("(S'a'\n^d.", ": dict must have a value for each key");
  }

  // ---- size

  @ParameterizedTest
  @ValueSource(strings = {"T", "X", "B", "\u008b"})
  void refusesFourBytesOfLengthThatAreNotThere(String opcode) throws IOException {
    assertRefused(
        "^" + opcode + "\377\377\377\177abc.",
        ": value must have at most the 4 bytes that are left but declares" + " 2147483647");
    assertRefused(
        "^" + opcode + "\377\377\377\377abc.",
        ": value must have at most the 4 bytes that are left but declares" + " 4294967295");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u008d", "\u008e", "\u0096"})
  void refusesEightBytesOfLengthThatAreNotThere(String opcode) throws IOException {
    assertRefused(
        "^" + opcode + "\5\0\0\0\0\0\0\0abc.",
        ": value must have at most the 4 bytes that are left but declares 5");
    assertRefused(
        "^" + opcode + "\0\0\0\0\0\0\0\200abc.",
        ": value must have at most the 4 bytes that are left but declares"
            + " -9223372036854775808");
  }

  @Test
  void refusesNumbersWithoutEnd() throws IOException {
    assertRefused(
        "^L" + "9".repeat(100) + "L\n.", ": line must have at most 64 bytes but has more");
    assertRefused(
        "^c" + "a".repeat(300) + "\nb\n.", ": line must have at most 256 bytes but has more");
  }

  @Test
  void refusesArraysThatDeclareMoreThanTheyHave() throws IOException {
    assertRefused(
        array("J\377\377\377\177\u0085", type("i1", '|'), bytes("abc")),
        ": pickle must have at most 16777216 values but has more");
    assertRefused(
        array("K\5\u0085", INT64, bytes("abc")),
        ": numpy array of 5 elements must have 40 bytes but has 3");
    assertRefused(
        array("K\2K\2\u0086", type("i1", '|'), bytes("abcd")),
        ": numpy array must have one axis but has 2");
    assertRefused(
        array("J\377\377\377\377\u0085", type("i1", '|'), bytes("")),
        ": numpy axis must be in [0, 2147483647] but was -1");
    assertRefused(array("N", type("i1", '|'), bytes("")), ": numpy shape must be a tuple");
    assertRefused(
        array("K\1\u0085", type("O", '|'), "]"), ": numpy array must have a list of 1 objects");
    assertRefused(array("K\1\u0085", "N", bytes("a")), ": numpy elements must have a numpy.dtype");
    assertRefused(array("K\1\u0085", type("i1", '|'), "]"), ": numpy elements must be bytes");
    assertRefused(
        array(")", type("u8", '<'), bytes("\377\377\377\377\377\377\377\377")),
        ": numpy number must be less than 2^63 but was 18446744073709551615");
    assertRefused(
        array(")", type("U1", '<'), bytes("\0\0\1\1")),
        ": numpy text must be Unicode but has 16842752");
  }

  @Test
  void refusesTypesThatAreNotSimple() throws IOException {
    String rule = "numpy type must be i, u, f, U, S or O with its size but was ";
    assertRefused("cnumpy\ndtype\nU\2V8\u0089\u0088\u0087^R.", ": " + rule + "'V8'");
    assertRefused("cnumpy\ndtype\nU\2U0\u0089\u0088\u0087^R.", ": " + rule + "'U0'");
    assertRefused("cnumpy\ndtype\n)^R.", ": " + rule + "'null'");
    assertRefused(
        "cnumpy\ndtype\nU\2i8\u0085R(K\3U\1<N]Nt^b.", ": numpy type must be simple but has parts");
    assertRefused(
        "cnumpy\ndtype\nU\2i8\u0085R]^b.", ": numpy type must have a state with a byte order");
  }

  @Test
  void refusesMoreStepsThanItMayTake() throws IOException {
    byte[] nothing = new byte[(1 << 24) + 10];
    Arrays.fill(nothing, (byte) 'N');
    Path file = Files.write(root.resolve("long.pkl"), nothing);

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(file))
        .withMessage(
            file
                + ": pickle at byte 16777216: pickle must have at most 16777216 values but has"
                + " more");
  }

  @Test
  void refusesToDecodeTheSameBytesForEver() throws IOException {
    int length = 1 << 20;
    StringBuilder opcodes = new StringBuilder();
    opcodes.append("c_codecs\nencode\nq\0Vlatin1\nq\1X\0\0\20\0");
    opcodes.append("a".repeat(length)).append("q\2");
    opcodes.append("h\0h\2h\1\u0086R".repeat(300)).append('.');

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> load(opcodes.toString()))
        .withMessageEndingWith(
            "numpy arrays must have at most 268435456 bytes in all but have more");
  }

  @Test
  void refusesAFileOfAnotherKind() throws IOException {
    Path huge = root.resolve("huge.pkl");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength((1L << 28) + 1);
    }

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(huge))
        .withMessage(huge + ": pickle must have at most 268435456 bytes but has 268435457");
    Path none = root.resolve("none.pkl");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(none))
        .withMessage(none + ": file does not exist");
  }

  // ---- damage

  @Test
  void refusesAPickleThatIsCutOffAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(Pickles.resource(root, "arrays-4.pkl"));
    for (int length = 0; length < whole.length; length += 5) {
      Path cut = Files.write(root.resolve("cut.pkl"), Arrays.copyOf(whole, length));

      assertThatExceptionOfType(TrainingDataException.class)
          .as("%s bytes", length)
          .isThrownBy(() -> SfmPickle.read(cut));
    }
    Path file = Pickles.write(root, "(lp0\n");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmPickle.read(file))
        .withMessage(file + ": pickle must have an end but was cut off after 5 bytes");
  }

  @Test
  void refusesAnEmptyStackAndOtherTypes() throws IOException {
    assertRefused("^.", " is damaged");
    assertRefused("^a", " is damaged");
    assertRefused("I1\nI2\n^a.", " is damaged");
    assertRefused("I1\n(I2\n^e.", " is damaged");
    assertRefused("S'a'\nI1\n^s.", " is damaged");
    assertRefused("^Iseven\n.", " is damaged");
    assertRefused("^h\7.", ": invalid memo key");
    assertRefused("^\u0080\7.", ": unsupported pickle protocol: 7");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyDamageIsAnErrorOfTheFileOrData(long seed) throws IOException {
    Random random = new Random(seed);
    for (String name : List.of("arrays-2.pkl", "arrays-5.pkl", "lists-0.pkl", "scalars-2.pkl")) {
      byte[] whole = Files.readAllBytes(Pickles.resource(root, name));
      for (int i = 0; i < 100; i++) {
        byte[] damaged = whole.clone();
        for (int k = 0; k <= i % 3; k++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        Path file = Files.write(root.resolve("damaged.pkl"), damaged);
        try {
          SfmDatabase.read(file, root, SfmDatabase.Part.TRAIN, MissingFiles.UNCHECKED);
        } catch (TrainingDataException e) {
          assertThat(e).as("seed %s round %s", seed, i).hasMessageStartingWith(file + ": ");
        }
      }
    }
  }
}
