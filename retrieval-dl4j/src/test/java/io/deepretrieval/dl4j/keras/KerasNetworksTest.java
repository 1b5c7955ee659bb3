// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.FormulaWeights;
import io.deepretrieval.dl4j.TorchvisionGoldenTest;
import io.deepretrieval.format.Hdf5FileTest;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small Keras models, with and without top, against values of torch. */
@Timeout(120)
class KerasNetworksTest {
  private static final long SEED = 20261127L;

  @TempDir Path directory;

  private Path resource(String name) throws IOException {
    return Hdf5FileTest.resource(directory, name);
  }

  /** Maps and GeM of a file agree with the samples that torch gave for it. */
  static void assertGolden(String name, Path file) throws IOException {
    JsonObject all;
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(
                KerasNetworksTest.class.getResourceAsStream("/keras/golden.json")),
            StandardCharsets.UTF_8)) {
      all = JsonParser.parseReader(reader).getAsJsonObject();
    }
    for (JsonElement element : all.getAsJsonArray(name)) {
      JsonObject golden = element.getAsJsonObject();
      String layer = golden.get("layer").getAsString();
      try (Backbone backbone =
          new KerasBackboneProvider()
              .create(Options.of(Map.of("weights", file.toString(), "layer", layer)))) {
        FeatureMap map =
            backbone.extract(
                FormulaWeights.image(
                    golden.get("height").getAsInt(), golden.get("width").getAsInt()));
        TorchvisionGoldenTest.assertClose(map, golden, name + " to " + layer);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small.h5", "small-top.h5"})
  void givesTheMapsOfTorch(String name) throws IOException {
    assertGolden(name, resource(name));
  }

  @Test
  void aModelWithTopIsCutAtItsLastMap() throws IOException {
    String file = resource("small-top.h5").toString();
    try (Backbone backbone =
        new KerasBackboneProvider().create(Options.of(Map.of("weights", file)))) {
      assertThat(backbone.spec().layer()).isEqualTo("out");
      assertThat(backbone.spec().output().channels()).isEqualTo(8);
    }
  }

  @Test
  void weightsAloneAreRefused() throws IOException {
    Path file = resource("small-weights.h5");
    assertThatThrownBy(() -> KerasNetworks.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read weights "
                + file
                + " (keras): it must hold a model, as model.save writes it, but holds weights alone"
                + " (save_weights)");
  }

  /** Replaces text of the description by text of the same length. */
  private Path edited(String from, String to) throws IOException {
    assertThat(to).hasSameSizeAs(from);
    String whole = Files.readString(resource("small.h5"), StandardCharsets.ISO_8859_1);
    assertThat(whole).contains(from);
    return Files.writeString(
        directory.resolve("edited.h5"), whole.replace(from, to), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"class_name\": \"Model\"|\"class_name\": \"Madel\"|model_config must be of a functional"
            + " model (Model, Functional) but is of 'Madel'",
        "{\"class_name\": \"Model\"|!\"class_name\": \"Model\"|model_config must be a JSON object",
        "[[\"stem_relu\", 0|[[\"stem_rolu\", 0|layer 'deep' must read layers that stand before it"
            + " but reads 'stem_rolu', which is not in model_config",
        "\"name\": \"deep\"|\"name\": \"stem\"|model_config must have each layer once but has layer"
            + " 'stem' twice",
        "\"name\": \"deep\", \"class|\"name\": \"doop\", \"class|layer 'doop' must have one name"
            + " but is also called 'deep'",
        "\"inbound_nodes\": []|\"inbound_nadas\": []|layer 'input_1' must have the list"
            + " inbound_nodes but has none",
        "point\"|paint\"|it must fit its model but its weights lack layers"
            + " [paint] and have unused [point/bias:0, point/kernel:0]",
        "\"filters\": 8|\"filters\":88|its model must have at most twice the 1067 parameters that"
            + " the file has but has 8987",
        "\"filters\": 8|\"filters\": 7|layer last: parameter W must have the shape [7, 11, 3, 3]"
            + " but has [8, 11, 3, 3]",
        "last/kernel:0|last/karnel:0|layer last must have last/karnel:0 but lacks it",
      })
  void whatDoesNotFitIsSaid(String from, String to, String reason) throws IOException {
    Path file = edited(from, to);
    assertThatThrownBy(() -> KerasNetworks.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read weights " + file + " (keras): ")
        .hasMessageContaining(reason);
  }

  @Test
  void damagedFilesNeverDoMoreThanFail() throws IOException {
    byte[] whole = Files.readAllBytes(resource("small.h5"));
    Path file = directory.resolve("flipped.h5");
    int rounds = Integer.getInteger("fuzz.rounds", 40);
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(SEED + round);
      byte[] bytes = whole.clone();
      for (int f = 1 + random.nextInt(3); f > 0; f--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, bytes);
      try {
        KerasNetworks.read(file);
      } catch (IOException e) {
        assertThat(e)
            .as("seed %d", SEED + round)
            .hasMessageContaining("cannot read weights " + file + " (keras): ");
      } catch (RuntimeException | Error e) {
        fail("seed " + (SEED + round) + ": " + e, e);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small.h5", "small-top.h5"})
  void truncatedFilesAreNamed(String name) throws IOException {
    byte[] whole = Files.readAllBytes(resource(name));
    Path cut = directory.resolve("cut.h5");
    for (int i = 0; i < 200; i++) {
      int length = (int) ((long) whole.length * i / 200);
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> KerasNetworks.read(cut))
          .as("%s cut to %d of %d bytes", name, length, whole.length)
          .isInstanceOf(IOException.class)
          .hasMessageMatching(
              "cannot read weights .*cut\\.h5 \\(keras\\): (it must be an HDF5 file but begins"
                  + " otherwise|it must have \\d+ bytes but has \\d+)");
    }
  }

  @Test
  void partsThatReferToEachOtherInARingEnd() throws IOException {
    byte[] whole = Files.readAllBytes(resource("small.h5"));
    ByteBuffer file = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    // The root's header is continued by itself: its first message becomes a continuation.
    int header = (int) file.getLong(64);
    file.putShort(header + 2, (short) -1);
    file.putShort(header + 16, (short) 0x10);
    file.putLong(header + 24, header + 16);
    file.putLong(header + 32, 24);
    Path ring = Files.write(directory.resolve("ring.h5"), whole);
    assertThatThrownBy(() -> KerasNetworks.read(ring))
        .hasMessage(
            "cannot read weights "
                + ring
                + " (keras): its parts must not refer to each other in a ring but do");
  }
}
