// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.testkit.Jvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileCheckTest {
  private static final long MAX = 1 << 20;
  @TempDir Path folder;

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("net.onnx"), bytes);
  }

  private Path external(String location, String offset, String length) throws IOException {
    return write(
        OnnxFiles.model(
            OnnxFiles.convGraph(
                OnnxFiles.external("w", location, offset, length, 6, 3, 4, 4), -2, -3),
            17,
            Map.of()));
  }

  private static void refused(Path file, String message) {
    assertThatThrownBy(() -> OnnxFileCheck.read(file, MAX))
        .isInstanceOf(IOException.class)
        .hasMessage("ONNX file " + file + " " + message);
  }

  @Test
  void findsThePatchOfTheFirstConvolution() throws IOException {
    assertThat(OnnxFileCheck.read(write(OnnxFiles.conv()), MAX).patch()).isEqualTo(4);
  }

  @Test
  void refusesExternalDataOutsideTheFolder() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path secret = Files.write(elsewhere.resolve("secret.bin"), new byte[1152]);
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = inner.resolve("net.onnx");
    Files.createSymbolicLink(inner.resolve("link.bin"), secret);
    for (String location :
        new String[] {"../elsewhere/secret.bin", secret.toString(), "link.bin", "", "..\\a"}) {
      Files.move(
          external(location, "0", "1152"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      refused(file, "must have its external data in its folder but names '" + location + "'");
    }
  }

  @Test
  void refusesExternalDataThatIsNotThereOrTooShort() throws IOException {
    refused(
        external("w.bin", "0", "1152"),
        "must have its external data 'w.bin' beside it, but there is none");
    Files.write(folder.resolve("w.bin"), new byte[1155]);
    refused(
        external("w.bin", "4", "1152"),
        "must have tensor 'w' of 1152 bytes in its external data 'w.bin' of 1155 bytes, but it has"
            + " offset 4 and length 1152");
    refused(
        external("w.bin", "-1", "1152"),
        "must have tensor 'w' of 1152 bytes in its external data 'w.bin' of 1155 bytes, but it has"
            + " offset -1 and length 1152");
    refused(external("w.bin", "x", "1152"), "must have a whole number as offset but has 'x'");
  }

  @Test
  void externalDataBesideTheFileRunsAndCountsInTheHash() throws IOException {
    byte[] data = new byte[1152];
    Files.write(folder.resolve("w.bin"), data);
    Path file = external("w.bin", "0", "1152");
    String before;
    try (OnnxBackbone backbone =
        OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).build()) {
      before = backbone.spec().weightsSha256();
    }
    data[9] = 1;
    Files.write(folder.resolve("w.bin"), data);
    assertThat(OnnxFileCheck.read(file, MAX).sha256()).isNotEqualTo(before);
  }

  @Test
  void refusesAnotherDomainByName() throws IOException {
    OnnxFiles.Msg graph =
        OnnxFiles.convGraph(OnnxFiles.floats("w", OnnxFiles.weights(288), 6, 3, 4, 4), -2, -3)
            .m(1, OnnxFiles.node("Run", "com.evil", "r", "z"));
    refused(
        write(OnnxFiles.model(graph, 17, Map.of())),
        "must use operators of ONNX only but uses the domain 'com.evil'");
  }

  @Test
  void refusesForeignOverLargeAndWrongTensors() throws IOException {
    Path text = write("<html>not a network</html>".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> OnnxFileCheck.read(text, MAX))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("ONNX file " + text + " is damaged or");
    refused(
        write(new byte[0]),
        "must have a graph with nodes and an opset: damaged or of another format");
    byte[] good = OnnxFiles.conv();
    Path file = write(good);
    assertThatThrownBy(() -> OnnxFileCheck.read(file, good.length - 1))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "ONNX file "
                + file
                + " must have at most "
                + (good.length - 1)
                + " bytes but has "
                + good.length);
    refused(
        write(
            OnnxFiles.model(
                OnnxFiles.convGraph(OnnxFiles.floats("w", new float[4], 1L << 62, 4), -2, -3),
                17,
                Map.of())),
        "is damaged: tensor 'w' has the shape [4611686018427387904, 4]");
    refused(
        write(
            OnnxFiles.model(
                OnnxFiles.convGraph(OnnxFiles.floats("w", new float[4], 5), -2, -3), 17, Map.of())),
        "is damaged: tensor 'w' [5] must have 20 bytes but has 16");
  }

  @Test
  void refusesGraphsThatAreTooDeep() throws IOException {
    OnnxFiles.Msg graph = new OnnxFiles.Msg();
    for (int i = 0; i < OnnxFileCheck.DEPTH; i++) {
      graph =
          new OnnxFiles.Msg()
              .m(
                  1,
                  OnnxFiles.node("If", "", "x", "y", new OnnxFiles.Msg().s(1, "then").m(6, graph)));
    }
    refused(write(OnnxFiles.model(graph, 17, Map.of())), "must have graphs at most 16 deep");
  }

  @Test
  void aNewerOpsetIsAClearError() throws IOException {
    Path file =
        write(
            OnnxFiles.model(
                OnnxFiles.convGraph(
                    OnnxFiles.floats("w", OnnxFiles.weights(288), 6, 3, 4, 4), -2, -3),
                999,
                Map.of()));
    assertThatThrownBy(() -> OnnxBackbone.builder(file).preprocessing(Preprocessing.UNIT).build())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("ONNX file " + file + " is not taken by ONNX Runtime: ")
        .hasMessageContaining("999");
  }

  /** In a Java machine of its own, which a crash of native code would end. */
  @Test
  void damagedFilesGiveAnErrorOrRun() throws Exception {
    int flips = Integer.getInteger("onnx.fuzz.flips", 200);
    assertThat(
            Jvm.of(OnnxFuzz.class, folder.toString(), "200", Integer.toString(flips))
                .succeed(Duration.ofSeconds(10 + flips / 10)))
        .contains("done, truncated 200, flipped " + flips);
  }
}
