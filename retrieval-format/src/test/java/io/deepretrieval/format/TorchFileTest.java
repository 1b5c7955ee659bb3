// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class TorchFileTest {
  private static final long[] SCALAR = {};

  @TempDir Path directory;

  public static Path resource(Path directory, String name) throws IOException {
    Path file = directory.resolve(name);
    try (InputStream in = TorchFileTest.class.getResourceAsStream("/torch/" + name)) {
      Files.copy(Objects.requireNonNull(in, name), file);
    }
    return file;
  }

  private static Map<?, ?> map(Object value) {
    assertThat(value).isInstanceOf(Map.class);
    return (Map<?, ?>) value;
  }

  private static Object at(Object map, String key) {
    return Objects.requireNonNull(map(map).get(key), key);
  }

  private static void assertTensor(
      TorchFile file, Object value, List<Integer> shape, double... expected) throws IOException {
    StoredTensor tensor =
        value instanceof PickledArray array ? array.tensor() : (StoredTensor) value;
    float[] floats = new float[expected.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) expected[i];
    }
    assertThat(tensor.shape()).isEqualTo(shape);
    assertThat(file.read("t", tensor)).isEqualTo(floats);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "pickles.pth"})
  void readsWhatTorchWrote(String name) throws IOException {
    Path path = resource(directory, name);
    assertThat(TorchFile.isTorch(path)).isTrue();
    try (TorchFile file = TorchFile.open(path)) {
      Object state = at(file.root(), "state_dict");
      assertThat(map(state).keySet().stream().map(Object::toString))
          .startsWith("shared", "row", "column", "transposed", "corner", "expanded");
      double[] all = new double[24];
      Arrays.setAll(all, i -> i / 2.0);
      assertTensor(file, at(state, "shared"), List.of(4, 6), all);
      assertTensor(file, at(state, "row"), List.of(6), 6, 6.5, 7, 7.5, 8, 8.5);
      assertTensor(file, at(state, "column"), List.of(4), 0.5, 3.5, 6.5, 9.5);
      double[] turned = new double[24];
      Arrays.setAll(turned, i -> (i % 4 * 6 + i / 4) / 2.0);
      assertTensor(file, at(state, "transposed"), List.of(6, 4), turned);
      assertTensor(file, at(state, "corner"), List.of(2, 3), 4, 4.5, 5, 7, 7.5, 8);
      assertTensor(
          file,
          at(state, "expanded"),
          List.of(3, 5),
          0,
          0,
          0,
          0,
          0,
          0.5,
          0.5,
          0.5,
          0.5,
          0.5,
          1,
          1,
          1,
          1,
          1);
      assertTensor(file, at(state, "channels_last"), List.of(2, 3, 2, 2), all);
      assertTensor(file, at(state, "parameter"), List.of(5), 0, 0.5, 1, 1.5, 2);
      assertTensor(file, at(state, "scalar"), List.of(), 2.5);
      assertTensor(file, at(state, "empty"), List.of(0, 4));
      assertTensor(file, at(state, "num_batches_tracked"), List.of(), 7);
      for (String half : List.of("float64", "float16", "bfloat16")) {
        assertTensor(file, at(state, half), List.of(2, 3), 0, 0.5, 1, 1.5, 2, 2.5);
      }
      for (String whole : List.of("int64", "int32", "int16", "int8", "uint8")) {
        assertTensor(file, at(state, whole), List.of(2, 3), 0, 1, 2, 3, 4, 5);
      }
      assertTensor(file, at(state, "bool"), List.of(3), 1, 0, 1);
      assertTensor(
          file, at(at(file.root(), "module"), "weight"), List.of(3, 2), 0, 0.5, 1, 1.5, 2, 2.5);

      Object meta = at(file.root(), "meta");
      assertThat(at(meta, "architecture")).isEqualTo("resnet18");
      assertThat(at(meta, "mean")).isEqualTo(List.of(0.485, 0.456, 0.406));
      assertThat(at(meta, "whitening")).isEqualTo(false);
      assertThat(at(meta, "nothing")).isEqualTo(Optional.empty());
      assertThat(at(meta, "epoch")).isEqualTo(30);
      assertThat(at(meta, "large")).isEqualTo(1L << 40);
      assertThat((Object[]) at(meta, "size")).containsExactly(2, 3);
      assertThat(at(meta, "utf8")).isEqualTo("B\u00e9zier \u2192");

      Object numpy = at(file.root(), "numpy");
      assertTensor(file, at(numpy, "rows"), List.of(2, 3), 0, 0.5, 1, 1.5, 2, 2.5);
      assertTensor(file, at(numpy, "columns"), List.of(2, 3), 0, 0.5, 1, 1.5, 2, 2.5);
      assertTensor(file, at(numpy, "big"), List.of(3), 0, 0.5, 1);
      assertThat(at(numpy, "number")).isEqualTo(1.5);
      assertThat(at(numpy, "whole")).isEqualTo(-3.0);
    }
  }

  @Test
  void readsTheOldTar() throws IOException {
    Path path = resource(directory, "tar.pth");
    assertThat(TorchFile.isTorch(path)).isTrue();
    try (TorchFile file = TorchFile.open(path)) {
      assertThat(map(file.root()).keySet().stream().map(Object::toString))
          .containsExactly("shared", "row", "transposed", "double", "long", "scalar");
      assertTensor(file, at(file.root(), "row"), List.of(6), 6, 6.5, 7, 7.5, 8, 8.5);
      double[] turned = new double[24];
      Arrays.setAll(turned, i -> (i % 4 * 6 + i / 4) / 2.0);
      assertTensor(file, at(file.root(), "transposed"), List.of(6, 4), turned);
      assertTensor(file, at(file.root(), "double"), List.of(2, 3), 0, 0.5, 1, 1.5, 2, 2.5);
      assertTensor(file, at(file.root(), "long"), List.of(2, 3), 0, 1, 2, 3, 4, 5);
      assertTensor(file, at(file.root(), "scalar"), List.of(), 2.5);
    }
  }

  @Test
  void readsWhatPython2Wrote() throws IOException {
    Pickles pickle = Pickles.pickle().global("collections", "OrderedDict");
    // Python 2 gives an OrderedDict its pairs as lists and has text without an encoding.
    pickle.ops("((l(U\u0001aU\u0001blaatR");
    byte[] bytes = pickle.stop();
    Path path = Pickles.pickles(directory.resolve("py2.pth"), bytes, Map.of(), 4);
    assertRefused(path, "its pickle is damaged near byte");
    byte[] right =
        Pickles.pickle()
            .global("collections", "OrderedDict")
            .ops("(](](U\u0001aU\u0001be](U\u0001cK\u0007eetR")
            .stop();
    try (TorchFile file =
        TorchFile.open(Pickles.pickles(directory.resolve("py2.pth"), right, Map.of(), 4))) {
      assertThat(file.root()).isEqualTo(Map.of("a", "b", "c", 7));
    }
    byte[] array =
        Pickles.pickle()
            .global("numpy.core.multiarray", "_reconstruct")
            .ops("(")
            .global("numpy", "ndarray")
            .ops("K\u0000\u0085U\u0001btR(K\u0001K\u0002\u0085")
            .global("numpy", "dtype")
            .ops("(U\u0002i2K\u0000K\u0001tR(K\u0003U\u0001<NNNJ\u00ff\u00ff\u00ff\u00ff")
            .ops("J\u00ff\u00ff\u00ff\u00ffK\u0000tb\u0089U\u0004\u0001\u0000\u00ff\u00fftb")
            .stop();
    try (TorchFile file =
        TorchFile.open(Pickles.pickles(directory.resolve("py2.pth"), array, Map.of(), 4))) {
      assertTensor(file, file.root(), List.of(2), 1, -1);
    }
  }

  @Test
  void readsViewsOfOldStorages() throws IOException {
    byte[] pickle =
        Pickles.pickle()
            .global("torch._utils", "_rebuild_tensor")
            .op('(', '(')
            .text("storage")
            .global("torch.cuda", "ByteStorage")
            .text("7")
            .text("cuda:0")
            .whole(6)
            .op('(')
            .text("8")
            .whole(2)
            .whole(3)
            .ops("ttQ")
            .whole(1)
            .tuple(2)
            .tuple(1)
            .ops("tR")
            .stop();
    Path path =
        Pickles.pickles(
            directory.resolve("view.pth"), pickle, Map.of("7", new byte[] {0, 1, 2, 3, 4, 5}), 1);
    try (TorchFile file = TorchFile.open(path)) {
      assertTensor(file, file.root(), List.of(2), 3, 4);
    }
  }

  @Test
  void readsAttributesOfAFittedPca() throws IOException {
    byte[] pickle =
        Pickles.pickle()
            .global("sklearn.decomposition._pca", "PCA")
            .ops(")\u0081}")
            .text("whiten")
            .flag(true)
            .ops("sb")
            .stop();
    try (TorchFile file =
        TorchFile.open(
            Pickles.zip(directory.resolve("pca.pth"), pickle, Map.of(), ZipEntry.STORED))) {
      assertThat(file.root()).isInstanceOf(PickledObject.class);
      PickledObject pca = (PickledObject) file.root();
      assertThat(pca).hasToString("sklearn.decomposition._pca.PCA");
      assertThat(pca.attributes()).isEqualTo(Map.of("whiten", true));
    }
  }

  @Test
  void theByteOrderOfAnArchiveCounts() throws IOException {
    byte[] pickle = Pickles.pickle().tensor("0", 1, 0, new long[] {1}, new long[] {1}).stop();
    Path path =
        Pickles.archive(
            directory.resolve("big.pth"),
            Map.of(
                "x/data.pkl",
                pickle,
                "x/byteorder",
                new byte[] {'b', 'i', 'g'},
                "x/data/0",
                new byte[] {0x3F, (byte) 0xC0, 0, 0}),
            ZipEntry.STORED);
    try (TorchFile file = TorchFile.open(path)) {
      assertTensor(file, file.root(), List.of(1), 1.5);
    }
  }

  private void assertRefused(Path path, String reason) {
    assertThatThrownBy(() -> TorchFile.open(path).close())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read weights " + path + " (torch): " + reason);
  }

  private Path zip(byte[] pickle, Map<String, byte[]> data) {
    return Pickles.zip(directory.resolve("w.pth"), pickle, data, ZipEntry.STORED);
  }

  private void assertPickleRefused(byte[] pickle, String reason) {
    assertRefused(zip(pickle, Map.of("0", new byte[16])), reason);
    Path old = Pickles.pickles(directory.resolve("old.pth"), pickle, Map.of("0", new byte[16]), 4);
    assertRefused(old, reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.system",
        "posix.system",
        "subprocess.Popen",
        "builtins.eval",
        "__builtin__.eval",
        "builtins.getattr",
        "builtins.complex",
        "array.array",
        "operator.attrgetter",
        "copy_reg._reconstructor",
        "java.lang.Runtime",
        "torch.load",
        "torch.hub.load",
        "torch.FloatStorage.from_file",
        "torch._utils._rebuild_tensor_v2.__globals__",
        "numpy.core.multiarray.frombuffer",
        "pickle.loads",
        "collections.OrderedDict.__init__",
        "torch.nn.modules.linear.Linear"
      })
  void namesThatAreNotDataAreRefusedAndNothingRuns(String name) {
    int dot = name.lastIndexOf('.');
    String module = name.substring(0, dot);
    String what = name.substring(dot + 1);
    String reason =
        "it names '"
            + name
            + "', which weights do not need; nothing was executed. A file with a whole model must be"
            + " saved again as its state_dict";
    Path ran = directory.resolve("ran");
    String command = "touch " + ran;
    assertPickleRefused(
        Pickles.pickle().global(module, what).op('(').text(command).ops("tR").stop(), reason);
    // Protocol 0, protocol 4, and the operation that builds instances.
    assertPickleRefused(
        Pickles.pickle().ops("c" + module + "\n" + what + "\n(S'" + command + "'\ntR").stop(),
        reason);
    assertPickleRefused(
        Pickles.pickle().text(module).text(what).op(0x93).text(command).op(0x85, 'R').stop(),
        reason);
    assertPickleRefused(
        Pickles.pickle().ops("(S'" + command + "'\ni" + module + "\n" + what + "\n").stop(),
        reason);
    assertThat(ran).doesNotExist();
  }

  @Test
  void controlCharactersOfNamesAreNotShown() {
    assertPickleRefused(
        Pickles.pickle().global("os\u001b[2J", "a\u0000b").stop(), "it names 'os?[2J.a?b', which");
  }

  @Test
  void wholeModelsAreRefused() throws IOException {
    assertRefused(
        resource(directory, "model.pth"), "it names 'torch.nn.modules.linear.Linear', which");
  }

  @Test
  void callsAndStatesOfOtherThingsAreRefused() {
    assertPickleRefused(
        Pickles.pickle().text("os.system").op('(').text("x").ops("tR").stop(),
        "its pickle must call a name but calls a String");
    assertPickleRefused(
        Pickles.pickle().global("torch", "FloatStorage").ops(")R").stop(),
        "its pickle must call a name but calls a ElementType");
    assertPickleRefused(
        Pickles.pickle().global("numpy", "ndarray").ops(")R").stop(),
        "numpy.ndarray: must not be called but is, with 0 arguments");
    assertPickleRefused(
        Pickles.pickle().ops("]}b").stop(), "its pickle must not set the state of a ArrayList");
    assertPickleRefused(
        Pickles.pickle().global("torch._utils", "_rebuild_tensor_v2").ops("]R").stop(),
        "torch._utils._rebuild_tensor_v2: its pickle must have a tuple of at least 0 parts but has"
            + " a ArrayList");
    assertPickleRefused(
        Pickles.pickle()
            .global("torch._utils", "_rebuild_tensor_v2")
            .ops("(K\u0001K\u0001))tR")
            .stop(),
        "torch._utils._rebuild_tensor_v2: a tensor must have a storage but has a Integer");
    assertPickleRefused(
        Pickles.pickle().text("x").ops("\u0085Q").stop(),
        "its pickle must have a tuple of at least 5 parts but has a Object[]");
    assertPickleRefused(
        Pickles.pickle()
            .global("_codecs", "encode")
            .op('(')
            .text("x")
            .text("zlib")
            .ops("tR")
            .stop(),
        "_codecs.encode: must encode text as latin1 but encodes otherwise");
    assertPickleRefused(
        Pickles.pickle().ops("}]K\u0001s").stop(),
        "keys of a dictionary must be text or numbers but one is a ArrayList");
    assertPickleRefused(
        Pickles.pickle().op(0x82, 1).stop(),
        "its pickle must have operations that torch writes but has 0x82");
    assertPickleRefused(Pickles.pickle().ops("tR").stop(), "its pickle is damaged near byte ");
    assertPickleRefused(
        Pickles.pickle().ops("NK\u0001a").stop(), "its pickle is damaged near byte ");
    assertPickleRefused(
        Pickles.pickle().ops("N(K\u0001e").stop(),
        "its pickle must append to a list but appends to another object");
    assertPickleRefused(
        Pickles.pickle().ops("](K\u0001K\u0002u").stop(),
        "its pickle must put pairs into a dictionary but puts something else");
  }

  @Test
  void lengthsBeyondTheFileTakeNoMemory() {
    assertPickleRefused(
        Pickles.pickle().op('X').little(4, Integer.MAX_VALUE).stop(),
        "text or bytes of a pickle must have at most ");
    assertPickleRefused(
        Pickles.pickle().op('B').little(4, 0xFFFFFFFFL).stop(),
        "text or bytes of a pickle must have at most ");
    assertPickleRefused(
        Pickles.pickle().op(0x8E).little(8, Long.MIN_VALUE).stop(),
        "text or bytes of a pickle must have at most ");
    assertPickleRefused(
        Pickles.pickle().op(0x8B).little(4, 1 << 30).stop(),
        "text or bytes of a pickle must have at most ");
    assertPickleRefused(
        Pickles.pickle().ops("I" + "1".repeat(5000) + "\n").stop(),
        "a line must end within 4096 bytes at byte ");
    byte[] marks = new byte[2_000_100];
    Arrays.fill(marks, (byte) ']');
    assertPickleRefused(
        Pickles.pickle().raw(marks).stop(), "its pickle must have at most 2000000 operations");
  }

  private void assertTensorRefused(
      long elements, long offset, long[] sizes, long[] strides, String reason) {
    assertPickleRefused(
        Pickles.pickle().tensor("0", elements, offset, sizes, strides).stop(), reason);
  }

  @Test
  void tensorsOutsideTheirStorageAreRefused() {
    String where = "torch._utils._rebuild_tensor_v2: ";
    assertTensorRefused(
        4,
        0,
        new long[] {5},
        new long[] {1},
        where
            + "tensor of shape [5], strides [1] and offset 0 must lie within its storage of 4"
            + " elements");
    assertTensorRefused(
        4,
        1,
        new long[] {2, 2},
        new long[] {2, 1},
        where
            + "tensor of shape [2, 2], strides [2, 1] and offset 1 must lie within its storage of 4"
            + " elements");
    assertTensorRefused(
        4,
        -1,
        new long[] {1},
        new long[] {1},
        where + "tensor of shape [1], strides [1] and offset -1 must lie within its storage of 4");
    assertTensorRefused(
        4,
        3,
        new long[] {3},
        new long[] {-1},
        where + "tensor of shape [3] must have sizes and strides >= 0 but has strides [-1]");
    assertTensorRefused(
        4,
        0,
        new long[] {-3},
        new long[] {1},
        where + "tensor of shape [-3] must have sizes and strides >= 0 but has strides [1]");
    assertTensorRefused(
        4,
        0,
        new long[] {1 << 30, 1 << 30, 1 << 30},
        new long[] {0, 0, 0},
        where
            + "tensor of shape [1073741824, 1073741824, 1073741824] and strides [0, 0, 0] must not"
            + " overflow but does");
    assertTensorRefused(
        4, 0, new long[] {Long.MAX_VALUE}, new long[] {1}, where + "tensor of shape [92233720");
    assertTensorRefused(
        4,
        0,
        new long[] {2, 3},
        new long[] {Long.MAX_VALUE, Long.MAX_VALUE},
        where + "tensor of shape [2, 3] and strides [9223372036854775807, 9223372036854775807]");
    assertTensorRefused(
        4,
        0,
        new long[] {1 << 28},
        new long[] {0},
        where + "tensor of shape [268435456] must have at most 16777216 elements");
    assertTensorRefused(
        4,
        0,
        new long[] {1},
        new long[] {1, 1},
        where + "tensor of shape [1] must have as many strides and at most 32 but has strides");
  }

  @Test
  void storagesMustHaveWhatTheySay() {
    byte[] five = Pickles.pickle().tensor("0", 5, 0, new long[] {5}, new long[] {1}).stop();
    assertRefused(
        zip(five, Map.of("0", new byte[16])), "storage of 5 FLOAT32 must have 20 bytes but has 16");
    assertRefused(
        Pickles.pickles(directory.resolve("o.pth"), five, Map.of("0", new byte[16]), 4),
        "storage must have 5 FLOAT32 in the 16 bytes that are left but has 4");
    assertRefused(
        zip(five, Map.of()), "its archive must have a member archive/data/0 but has none");
    assertRefused(
        Pickles.pickles(directory.resolve("o.pth"), five, Map.of(), 4),
        "storages must have data but [0] have none");
    assertRefused(
        Pickles.pickles(directory.resolve("o.pth"), five, Map.of("1", new byte[20]), 4),
        "storage 1 must be used and stand once in the list");
    byte[] huge =
        Pickles.pickle().tensor("DoubleStorage", "0", Long.MAX_VALUE, 0, SCALAR, SCALAR).stop();
    assertPickleRefused(huge, "storage must have at least 0 elements but has 9223372036854775807");
    byte[] twice =
        Pickles.pickle()
            .tensor("0", 4, 0, SCALAR, SCALAR)
            .tensor("HalfStorage", "0", 4, 0, SCALAR, SCALAR)
            .ops("\u0086")
            .stop();
    assertPickleRefused(twice, "storage 0 must be of one type and size but is also of FLOAT16 4");
    assertPickleRefused(
        Pickles.pickle().tensor("QInt8Storage", "0", 4, 0, SCALAR, SCALAR).stop(),
        "it names 'torch.QInt8Storage', which");
  }

  @Test
  void compressedMembersAreRefused() {
    byte[] pickle =
        Pickles.pickle().tensor("0", 25_000_000, 0, new long[] {1}, new long[] {1}).stop();
    Path bomb =
        Pickles.zip(
            directory.resolve("bomb.pth"),
            pickle,
            Map.of("0", new byte[100_000_000]),
            ZipEntry.DEFLATED);
    assertRefused(bomb, "archive member archive/data.pkl must be stored as torch writes it but is");
  }

  @Test
  void foreignFilesAreNamed() throws IOException {
    Path text = Files.writeString(directory.resolve("text.pth"), "no weights");
    assertThat(TorchFile.isTorch(text)).isFalse();
    assertRefused(text, "it must begin as a zip, pickle or tar of torch but begins otherwise");
    assertRefused(
        Pickles.archive(directory.resolve("a.zip"), Map.of("x", new byte[1]), ZipEntry.STORED),
        "its archive must have one data.pkl but has 0");
    assertRefused(
        Pickles.archive(
            directory.resolve("script.pt"),
            Map.of("m/data.pkl", new byte[1], "m/constants.pkl", new byte[1]),
            ZipEntry.STORED),
        "it must be of torch.save but is a TorchScript program");
    Path cut = Files.write(directory.resolve("cut.pth"), new byte[] {'P', 'K', 3, 4});
    assertRefused(cut, "it must be a whole zip archive: ");
    byte[] pickle = Pickles.pickle().whole(1).stop();
    Path old = Pickles.pickles(directory.resolve("v.pth"), pickle, Map.of(), 4);
    byte[] bytes = Files.readAllBytes(old);
    bytes[19]++;
    Files.write(old, bytes);
    assertRefused(old, "its version must be 1001 but is 1002");
  }
}
