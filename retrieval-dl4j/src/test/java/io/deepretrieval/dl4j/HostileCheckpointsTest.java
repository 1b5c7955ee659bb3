// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Backbone;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.Window;
import io.deepretrieval.format.Pickles;
import io.deepretrieval.format.SafetensorsFile;
import io.deepretrieval.format.StoredTensor;
import io.deepretrieval.format.TorchFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to run something, to take memory that they do not have, or to take for ever. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileCheckpointsTest {
  private static final int MANY = 100_000;

  @TempDir Path directory;

  private static void assertRefused(Path file, ThrowingCallable reading, String reason) {
    assertThatThrownBy(reading)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  private static void assertRefused(Path file, String reason) {
    assertRefused(file, () -> TorchFile.open(file).close(), reason);
  }

  private static byte[] call(String name, String argument) {
    int dot = name.lastIndexOf('.');
    return Pickles.pickle()
        .global(name.substring(0, dot), name.substring(dot + 1))
        .op('(')
        .text(argument)
        .ops("tR")
        .stop();
  }

  private static byte[] pickle(long number) {
    return Pickles.pickle().whole(number).stop();
  }

  /** One storage of four floats with the key 1, and one tensor with the key 9. */
  private Path tar(long elements, long offset, long size, long stride) {
    byte[] storages =
        Pickles.pickle()
            .whole(1)
            .op('.')
            .raw(
                Pickles.pickle()
                    .op('(')
                    .whole(1)
                    .text("cpu")
                    .global("torch", "FloatStorage")
                    .ops("t")
                    .stop())
            .little(8, elements)
            .raw(new byte[16])
            .raw(Pickles.pickle().ops("]").stop())
            .bytes();
    byte[] tensors =
        Pickles.pickle()
            .whole(1)
            .op('.')
            .raw(
                Pickles.pickle()
                    .op('(')
                    .whole(9)
                    .whole(1)
                    .global("torch", "FloatTensor")
                    .ops("t")
                    .stop())
            .little(4, 1)
            .little(4, 0)
            .little(8, size)
            .little(8, stride)
            .little(8, offset)
            .bytes();
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put("storages", storages);
    members.put("tensors", tensors);
    members.put("pickle", Pickles.pickle().text("9").ops("Q").stop());
    return Pickles.tar(directory.resolve("t.pth"), members);
  }

  @Test
  void theTarOfTheTestsIsRead() throws IOException {
    try (TorchFile file = TorchFile.open(tar(4, 1, 2, 2))) {
      assertThat(file.read("t", (StoredTensor) file.root())).containsExactly(0, 0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4|0|2|-1|must have sizes and strides >= 0 but has strides [-1]",
        "4|0|-2|1|must have sizes and strides >= 0",
        "4|3|2|1|must lie within its storage of 4 elements",
        "4|-1|1|1|must lie within its storage of 4 elements",
        "4|0|5|1|must lie within its storage of 4 elements",
        "4|0|3|9223372036854775807|must not overflow but does",
        "4|0|9223372036854775807|1|must not overflow but does",
        "4|0|268435456|0|must have at most 16777216 elements",
        "100|0|1|1|must have 100 FLOAT32 in the",
        "-1|0|1|1|must have at least 0 elements but has -1",
        "4611686018427387904|0|1|1|storage must have at least 0 elements but has"
            + " 4611686018427387904",
      })
  void tensorsOfATarLieWithinItsStorages(
      long elements, long offset, long size, long stride, String reason) {
    assertRefused(tar(elements, offset, size, stride), reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"os.system", "posix.system", "subprocess.Popen", "builtins.eval"})
  void noMemberOfATarAndNoPcaRunsAnything(String name) {
    Path ran = directory.resolve("ran");
    byte[] evil = call(name, "touch " + ran);
    String reason = "it names '" + name + "', which weights do not need; nothing was executed";
    for (String member : List.of("storages", "tensors", "pickle")) {
      Map<String, byte[]> members = new LinkedHashMap<>();
      members.put(
          "storages",
          Pickles.pickle().whole(0).op('.').raw(Pickles.pickle().ops("]").stop()).bytes());
      members.put("tensors", pickle(0));
      members.put("pickle", pickle(0));
      members.put(member, evil);
      assertRefused(Pickles.tar(directory.resolve("e.pth"), members), reason);
    }
    // Beside a model that is sound, as a PCA of deep-image-retrieval and as an attribute of one.
    byte[] inner = Arrays.copyOfRange(evil, 2, evil.length - 1);
    Pickles alone = Pickles.pickle().ops("}").text("pca").raw(inner).ops("s");
    Pickles within =
        Pickles.pickle()
            .ops("}")
            .text("pca")
            .global("sklearn.decomposition._pca", "PCA")
            .ops(")\u0081}")
            .text("mean_")
            .raw(inner)
            .ops("sbs");
    for (byte[] bytes : List.of(alone.stop(), within.stop())) {
      Path zip = Pickles.zip(directory.resolve("e.pt"), bytes, Map.of(), ZipEntry.STORED);
      assertRefused(zip, () -> RetrievalCheckpoint.read(zip), reason);
      Path old = Pickles.pickles(directory.resolve("e.pth"), bytes, Map.of(), 4);
      assertRefused(old, () -> RetrievalCheckpoint.read(old), reason);
    }
    assertThat(ran).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-2|2|must have sizes and strides >= 0",
        "3|2|must lie within its storage of 4 elements",
        "4611686018427387904|4|must not overflow but does",
        "2147483647|2147483647|must lie within its storage of 4 elements",
        "1|2|must have 8 bytes but has 16",
      })
  void arraysOfAPcaHaveTheNumbersThatTheySay(long rows, long columns, String reason) {
    Pickles pickle =
        Pickles.pickle()
            .global("numpy.core.multiarray", "_reconstruct")
            .ops("(")
            .global("numpy", "ndarray")
            .ops("K\u0000\u0085U\u0001btR(K\u0001")
            .tuple(rows, columns)
            .global("numpy", "dtype")
            .ops("(U\u0002f4K\u0000K\u0001tR(K\u0003U\u0001<NNNJ\u00ff\u00ff\u00ff\u00ff")
            .ops("J\u00ff\u00ff\u00ff\u00ffK\u0000tb\u0089U\u0010")
            .raw(new byte[16])
            .ops("tb");
    assertRefused(
        Pickles.zip(directory.resolve("p.pt"), pickle.stop(), Map.of(), ZipEntry.STORED), reason);
  }

  /** A list with an item, a name and its arguments, which are used again and again. */
  private static byte[] repeated(Pickles once) {
    Pickles pickle = Pickles.pickle().raw(once.bytes()).op('0').ops("](");
    for (int i = 0; i < MANY; i++) {
      pickle.op('h', 1, 'h', 2, 'R');
    }
    return pickle.ops("e").stop();
  }

  @Test
  void whatIsUsedManyTimesIsNotCopiedManyTimes() throws IOException {
    Pickles dictionary =
        new Pickles().global("collections", "OrderedDict").op('q', 1, '(', ']', '(');
    for (int i = 0; i < MANY; i++) {
      dictionary.op('(').whole(i).ops("Nt");
    }
    byte[] dictionaries = repeated(dictionary.ops("et").op('q', 2).op('0'));
    assertRefused(
        Pickles.zip(directory.resolve("d.pth"), dictionaries, Map.of(), ZipEntry.STORED),
        "its pickle must have at most 2000000 operations");
    Pickles text =
        new Pickles().global("_codecs", "encode").op('q', 1, '(').text("x".repeat(1 << 20));
    byte[] texts = repeated(text.text("latin1").ops("t").op('q', 2).op('0'));
    try (TorchFile file =
        TorchFile.open(Pickles.zip(directory.resolve("x.pth"), texts, Map.of(), ZipEntry.STORED))) {
      assertThat((List<?>) file.root()).hasSize(MANY);
    }
    Pickles sizes = new Pickles().global("torch._utils", "_rebuild_tensor_v2").op('q', 1, '(');
    sizes.op('(').text("storage").global("torch", "FloatStorage").text("0").text("cpu").whole(4);
    sizes.ops("tQ").whole(0).op('(');
    for (int i = 0; i < MANY; i++) {
      sizes.op('K', 1);
    }
    byte[] ranks = Pickles.pickle().raw(sizes.ops("t)tR").bytes()).stop();
    Path file = directory.resolve("r.pth");
    assertRefused(
        Pickles.zip(file, ranks, Map.of("0", new byte[16]), ZipEntry.STORED),
        "a tensor must have a rank of 0 to 32 but has " + MANY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"archive/data.pkl", "archive/data/0"})
  void membersAreNotLargerThanTheArchive(String member) throws IOException {
    byte[] claims = Pickles.pickle().op('B').little(4, 200_000_000).stop();
    byte[] whole =
        Pickles.pickle().tensor("0", 400_000_000, 0, new long[] {1}, new long[] {1}).stop();
    Path file =
        Pickles.zip(
            directory.resolve("z.pth"),
            member.endsWith("pkl") ? claims : whole,
            Map.of("0", new byte[16]),
            ZipEntry.STORED);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int central = text.lastIndexOf(member) - 46;
    assertThat(buffer.getInt(central)).isEqualTo(0x02014B50);
    buffer.putInt(central + 20, 1_800_000_000).putInt(central + 24, 1_800_000_000);
    Files.write(file, bytes);
    assertRefused(file, "");
  }

  @Test
  void tensorsOfSafetensorsShareNoBytes() throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 20_000; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(i);
      header.append("\":{\"dtype\":\"F32\",\"shape\":[250000],\"data_offsets\":[0,1000000]}");
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(8 + json.length + 1_000_000).order(ByteOrder.LITTLE_ENDIAN);
    Path file =
        Files.write(directory.resolve("o.safetensors"), all.putLong(json.length).put(json).array());
    assertRefused(
        file,
        () -> SafetensorsFile.read(file),
        "(safetensors): tensors must not overlap but 1 overlaps others");
    byte[] long9 = new byte[9_000_008];
    ByteBuffer.wrap(long9).order(ByteOrder.LITTLE_ENDIAN).putLong(9_000_000);
    Files.write(file, long9);
    assertRefused(
        file,
        () -> SafetensorsFile.read(file),
        "header length must be 2 to 8000000 but was 9000000");
  }

  private static Conv conv(String name, int input, int residual, Window window, float[] kernel) {
    return new Conv(
        name,
        input,
        residual,
        1,
        1,
        window,
        new NetworkPlan.Weights() {
          @Override
          public float[] kernel() {
            return kernel;
          }

          @Override
          public float[] bias() {
            return new float[1];
          }
        },
        Activation.IDENTITY);
  }

  private Path network(Step... steps) throws IOException {
    Path file = directory.resolve("n.network");
    NetworkPlan plan = new NetworkPlan(3, List.of(steps));
    NetworkFile.write(file, new NetworkFile.Content("n", "out", Preprocessing.UNIT, plan), false);
    return file;
  }

  private static Window window(int stride, int top) {
    return new Window(1, 1, stride, stride, 1, 1, false, top, 0, 0, 0);
  }

  @Test
  void plansThatNativeCodeMustNotRunAreRefused() throws IOException {
    Conv first = conv("first", 0, -1, Window.POINT, new float[3]);
    List<Step[]> bad = new ArrayList<>();
    bad.add(new Step[] {conv("first", 0, -1, window(0, 0), new float[3])});
    bad.add(new Step[] {conv("first", 0, -1, window(-1, 0), new float[3])});
    bad.add(new Step[] {conv("first", 0, -1, window(1, -1), new float[3])});
    bad.add(new Step[] {conv("first", 0, -1, window(1, 1 << 30), new float[3])});
    bad.add(new Step[] {first, new NetworkPlan.ZeroPad("out", 1, 1, 0, -5, 0, 0)});
    bad.add(new Step[] {first, new NetworkPlan.ZeroPad("out", 1, 2, 0, 0, 0, 0)});
    bad.add(new Step[] {first, new NetworkPlan.Concat("out", List.of(1, 1), 3)});
    bad.add(new Step[] {first, new NetworkPlan.Sum("out", List.of(0, 1), 1, Activation.IDENTITY)});
    bad.add(new Step[] {conv("first", 0, 0, Window.POINT, new float[3])});
    bad.add(new Step[] {});
    for (Step[] steps : bad) {
      Path file = network(steps);
      assertRefused(file, () -> NetworkFile.read(file), "its header must describe a network: ");
    }
  }

  @Test
  void aResidualOfAnotherSizeIsNotWrittenInto() throws IOException {
    // The value of half the size would lie where the whole one is written.
    Path file =
        network(
            conv("half", 0, -1, window(2, 0), new float[3]),
            conv("out", 0, 1, Window.POINT, new float[3]));
    try (Backbone backbone = NetworkBackbones.open(file, 1, 1)) {
      assertThatThrownBy(() -> backbone.extract(FormulaWeights.image(40, 33)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "image of 33x40 does not fit the network: layer 'out' gets maps of 33x40 and 17x20");
    }
  }
}
