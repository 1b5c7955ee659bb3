// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.LinearMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.Networks;
import io.deepretrieval.dl4j.network.AlexNet;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.format.Pickles;
import io.deepretrieval.format.TorchFileTest;
import io.deepretrieval.spi.HeadSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands beside the network; whole extractors are compared with torch in benchmarks. */
class RetrievalCheckpointTest {
  private static final Preprocessing OF_THE_FILE =
      new Preprocessing(
          Preprocessing.ChannelOrder.RGB,
          1 / 255.0,
          List.of(0.5, 0.25, 0.125),
          List.of(0.25, 0.5, 0.75));

  @TempDir Path directory;

  private static final Map<String, Object> META =
      Map.of(
          "architecture",
          "alexnet",
          "pooling",
          "spoc",
          "mean",
          List.of(0.5, 0.5, 0.5),
          "std",
          List.of(1.0, 1.0, 1.0));

  private static final Map<String, Object> OPTIONS = Map.of("arch", "resnet18_rmac");

  private static final Map<String, Object> STATE =
      Map.of(
          "pool.p", tensor(List.of(1), 2.5f),
          "pool.rpool.p", tensor(List.of(2), 2.5f, 3.5f),
          "adpool.p", tensor(List.of(1), 4),
          "lwhiten.weight", tensor(List.of(1, 2), 1, 2),
          "lwhiten.bias", tensor(List.of(1), 3),
          "pool.whiten.weight", tensor(List.of(1, 1), 4),
          "pool.whiten.bias", tensor(List.of(1), 5),
          "whiten.weight", tensor(List.of(2), 4, 4),
          "whiten.bias", tensor(List.of(1), 5));

  private static Pickles.Tensor tensor(List<Integer> shape, float... values) {
    return new Pickles.Tensor(shape, values);
  }

  private static Map<String, Object> with(Map<String, Object> map, Object... more) {
    Map<String, Object> out = new LinkedHashMap<>(map);
    for (int i = 0; i < more.length; i += 2) {
      out.put(String.valueOf(more[i]), more[i + 1]);
    }
    return out;
  }

  private Path save(String key, Map<String, Object> description) {
    return Pickles.save(directory.resolve("c.pth"), Map.of(key, description, "state_dict", STATE));
  }

  private RetrievalCheckpoint cir(Object... meta) throws IOException {
    return RetrievalCheckpoint.read(save("meta", with(META, meta)));
  }

  private void assertRefused(String key, Map<String, Object> description, String reason) {
    Path file = save(key, description);
    assertThatThrownBy(() -> RetrievalCheckpoint.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read weights " + file + " (torch): " + reason);
  }

  @Test
  void readsACheckpointOfCnnimageretrieval() throws IOException {
    RetrievalCheckpoint checkpoint =
        RetrievalCheckpoint.read(TorchFileTest.resource(directory, "cir.pth"));
    assertThat(checkpoint.architecture()).isEqualTo("resnet101");
    assertThat(checkpoint.preprocessing()).isEqualTo(OF_THE_FILE);
    assertThat(checkpoint.whitenings()).containsExactly("retrieval-SfM-30k", "retrieval-SfM-120k");
    assertThat(checkpoint)
        .hasToString(
            "RetrievalCheckpoint[resnet101 gem, whitenings [retrieval-SfM-30k,"
                + " retrieval-SfM-120k]]");
    HeadSpec head = checkpoint.head();
    assertThat(head.pooling()).isEqualTo("gem");
    assertThat(head.p()).containsExactly(2.75f);
    assertThat(head.regional()).isEmpty();
    assertThat(head.transforms()).isEmpty();
    assertThat(head.normalized()).isTrue();
    LinearMap whiten = head.projection().orElseThrow();
    assertThat(whiten.matrix()).containsExactly(0, .25f, .5f, .75f, 1, 1.25f, 1.5f, 1.75f, 2);
    assertThat(whiten.mean()).containsExactly(0, 0, 0);
    assertThat(whiten.bias()).containsExactly(1, 2, 3);
    // P was stored by columns.
    LinearMap ss = checkpoint.whitening("retrieval-SfM-30k", false, 0.25);
    assertThat(ss.kind()).isEqualTo("learned-whitening");
    assertThat(ss.fittedOn()).isEqualTo("retrieval-SfM-30k");
    assertThat(ss.mean()).containsExactly(.5f, .5f, .5f);
    assertThat(ss.matrix()).containsExactly(0, .75f, 1.5f, .25f, 1, 1.75f, .5f, 1.25f, 2);
    assertThat(ss.bias()).containsExactly(0, 0, 0);
    LinearMap ms = checkpoint.whitening("retrieval-SfM-120k", true, 0.25);
    assertThat(ms.mean()).containsExactly(2, 2, 2);
    assertThat(ms.matrix()).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8);
    assertThatThrownBy(() -> checkpoint.whitening("gl18", true, 0.25))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "whitening must be one of [retrieval-SfM-30k, retrieval-SfM-120k] (those of "
                + directory.resolve("cir.pth")
                + ") but was 'gl18'");
    assertThat(
            RetrievalCheckpoint.readWhitening(
                TorchFileTest.resource(directory, "cir-whiten.pth"), "retrieval-SfM-30k"))
        .isEqualTo(ss);
  }

  @Test
  void readsACheckpointOfDeepImageRetrieval() throws IOException {
    RetrievalCheckpoint checkpoint =
        RetrievalCheckpoint.read(TorchFileTest.resource(directory, "dir.pt"));
    assertThat(checkpoint.architecture()).isEqualTo("resnet101");
    assertThat(checkpoint.preprocessing()).isEqualTo(OF_THE_FILE);
    assertThat(checkpoint.whitenings()).containsExactly("Landmarks_clean");
    HeadSpec head = checkpoint.head();
    assertThat(head.pooling()).isEqualTo("gem");
    assertThat(head.p()).containsExactly(3f);
    assertThat(head.normalized()).isFalse();
    assertThat(head.projection().orElseThrow().matrix())
        .containsExactly(0, .25f, .5f, .75f, 1, 1.25f);
    assertThat(head.projection().orElseThrow().bias()).containsExactly(1, 2);
    // The eigenvalues are 16 and 1/16: their fourth roots 2 and 1/2.
    LinearMap pca = checkpoint.whitening("Landmarks_clean", false, 0.25);
    assertThat(pca.kind()).isEqualTo("pca-whitening power=0.25");
    assertThat(pca.mean()).containsExactly(.5f, 1.5f);
    assertThat(pca.matrix()).containsExactly(new float[] {.5f, 1, 6, 8}, within(1e-6f));
    assertThat(checkpoint.whitening("Landmarks_clean", true, 0.5).matrix())
        .containsExactly(new float[] {.25f, .5f, 12, 16}, within(1e-6f));
    assertThatThrownBy(() -> checkpoint.whitening("Landmarks_clean", true, 1.5))
        .hasMessage("whitening power must be in [0, 1] but was 1.5");
  }

  @Test
  void everyPoolingOfCnnimageretrievalIsKnown() throws IOException {
    assertThat(cir().head())
        .isEqualTo(
            new HeadSpec("spoc", List.of(), Optional.empty(), Optional.empty(), true, List.of()));
    assertThat(cir().whitenings()).isEmpty();
    assertThat(cir("pooling", "mac").head().pooling()).isEqualTo("mac");
    assertThat(cir("pooling", "rmac").head().pooling()).isEqualTo("r-mac");
    assertThat(cir("pooling", "gem").head().p()).containsExactly(2.5f);
    HeadSpec regional = cir("pooling", "gemmp", "regional", true).head();
    assertThat(regional.pooling()).isEqualTo("gem-mp");
    assertThat(regional.p()).containsExactly(2.5f, 3.5f);
    assertThat(regional.regional().orElseThrow().kind()).isEqualTo("regional-whitening");
    assertThat(regional.regional().orElseThrow().matrix()).containsExactly(4);
  }

  @Test
  void everyPoolingOfDeepImageRetrievalIsKnown() throws IOException {
    Map<String, Object> bare = with(OPTIONS, "without_fc", true, "center_bias", 0);
    for (Map.Entry<String, String> pair : Map.of("max", "mac", "avg", "spoc").entrySet()) {
      HeadSpec head =
          RetrievalCheckpoint.read(save("model_options", with(bare, "pooling", pair.getKey())))
              .head();
      assertThat(head.pooling()).isEqualTo(pair.getValue());
      assertThat(head.projection()).isEmpty();
    }
    RetrievalCheckpoint gem = RetrievalCheckpoint.read(save("model_options", bare));
    assertThat(gem.head().p()).containsExactly(4f);
    assertThat(gem.preprocessing()).isEqualTo(Preprocessing.TORCH);
    assertThat(gem.whitenings()).isEmpty();
  }

  @Test
  void descriptionsThatSayTooLittleOrTheWrongThingAreRefused() {
    assertRefused(
        "other",
        Map.of(),
        "it must have meta (cnnimageretrieval-pytorch) or model_options (deep-image-retrieval) but"
            + " has neither; weights alone are for a backbone");
    assertRefused(
        "meta",
        with(META, "architecture", "densenet121"),
        "its architecture must be one of [alexnet, vgg16, resnet18, resnet34, resnet50, resnet101,"
            + " resnet152] but is 'densenet121'");
    assertRefused(
        "meta",
        with(META, "pooling", "netvlad"),
        "its pooling must be mac, spoc, gem, gemmp or rmac but is 'netvlad'");
    assertRefused(
        "meta", with(META, "mean", List.of(1, 2)), "its mean must be three numbers but has 2 in 2");
    assertRefused(
        "meta",
        with(META, "std", List.of(1, 0, 1)),
        "preprocessing std must be 3 numbers > 0 but was [1.0, 0.0, 1.0]");
    assertRefused(
        "meta", with(META, "regional", "yes"), "its regional must be true or false but is yes");
    assertRefused(
        "meta",
        with(META, "whitening", true),
        "tensor whiten.weight must have shape [1, D], for the bias has 1 values, but has [2]");
    assertRefused(
        "meta",
        Map.of("pooling", "mac"),
        "its description must have the text architecture but has nothing");
    assertRefused("model_options", OPTIONS, "its state_dict must have fc.weight but has not");
    assertRefused(
        "model_options",
        Map.of("arch", "resnet101_fpn_rmac"),
        "its arch must be resnet18_rmac, resnet50_rmac, resnet101_rmac or resnet152_rmac but is"
            + " 'resnet101_fpn_rmac'");
    assertRefused(
        "model_options", with(OPTIONS, "center_bias", 0.5), "its center_bias must be 0 but is 0.5");
    assertRefused(
        "model_options",
        with(OPTIONS, "pooling", "rmac"),
        "its pooling must be max, avg or gem but is 'rmac'");
  }

  @Test
  void whiteningsThatDoNotFitAreRefused() throws IOException {
    Map<String, Object> good =
        Map.of("m", tensor(List.of(2), 1, 2), "P", tensor(List.of(2, 2), 1, 2, 3, 4));
    Map<String, Object> bad =
        Map.of("m", tensor(List.of(3), 1, 2, 3), "P", tensor(List.of(2, 2), 1, 2, 3, 4));
    RetrievalCheckpoint checkpoint =
        cir("Lw", Map.of("a", Map.of("ss", good, "ms", bad), "b", Map.of("ms", Map.of())));
    Path file = directory.resolve("c.pth");
    assertThat(checkpoint.whitening("a", false, 0.25).matrix()).containsExactly(1, 2, 3, 4);
    String named = "cannot read weights " + file + " (torch): ";
    assertThatThrownBy(() -> checkpoint.whitening("a", true, 0.25))
        .hasMessage(named + "P of whitening a must be [d, 3], for m has 3 values, but is [2, 2]");
    assertThatThrownBy(() -> checkpoint.whitening("b", false, 0.25))
        .hasMessage(named + "its whitening b must be for one scale");
    assertThatThrownBy(() -> checkpoint.whitening("b", true, 0.25))
        .hasMessage(named + "whitening b must have numbers m but has not");
    assertThatThrownBy(() -> RetrievalCheckpoint.readWhitening(file, "c"))
        .hasMessage(named + "whitening c must have numbers m but has not");
  }

  @Test
  void exponentsMustBeOnePositiveNumber() {
    Map<String, Object> gem = with(META, "pooling", "gem");
    for (Map.Entry<String, Pickles.Tensor> bad :
        Map.of(
                "must be > 0 and finite but is NaN", tensor(List.of(1), Float.NaN),
                "must be > 0 and finite but is -2.0", tensor(List.of(1), -2),
                "must have one value but has 2", tensor(List.of(2), 3, 3),
                "must have one value but has 0", tensor(List.of(0)))
            .entrySet()) {
      Path file =
          Pickles.save(
              directory.resolve("p.pth"),
              Map.of("meta", gem, "state_dict", with(STATE, "pool.p", bad.getValue())));
      assertThatThrownBy(() -> RetrievalCheckpoint.read(file))
          .hasMessage("cannot read weights " + file + " (torch): its pool.p " + bad.getKey());
    }
  }

  @Test
  void aLocalWhiteningOfOtherChannelsIsRefused() throws IOException {
    NetworkPlan plan = GraphCompiler.compile(AlexNet.create("conv1", 0), "conv1");
    LinearMap map =
        LinearMap.of("local-whitening", "test", new float[2], new float[2], new float[1]);
    Path file = directory.resolve("c.pth");
    assertThatThrownBy(() -> CheckpointNetwork.behind(file, plan, map))
        .hasMessage(
            "cannot read weights "
                + file
                + " (torch): lwhiten must take the 64 channels of the network but takes 2");
  }

  @ParameterizedTest
  @CsvSource({"cir.pth, retrieval-SfM-30k", "dir.pt, Landmarks_clean"})
  void damagedCheckpointsNeverDoMoreThanFail(String name, String set) throws IOException {
    byte[] whole = Files.readAllBytes(TorchFileTest.resource(directory, name));
    Path path = directory.resolve("damaged.pth");
    for (int round = 0; round < 400; round++) {
      long seed = Networks.SEED + round;
      Random random = new Random(seed);
      byte[] bytes = whole.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      if (round % 4 == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      Files.write(path, bytes);
      try {
        RetrievalCheckpoint checkpoint = RetrievalCheckpoint.read(path);
        if (checkpoint.whitenings().contains(set)) {
          checkpoint.whitening(set, false, 0.25);
        }
      } catch (IOException e) {
        assertThat(e).as("seed " + seed).hasMessageContaining("cannot read weights " + path);
      } catch (RuntimeException | Error e) {
        fail(name + ", seed " + seed + ": " + e, e);
      }
    }
  }

  @Test
  void networksThatDoNotFitAreListed() throws IOException {
    RetrievalCheckpoint checkpoint = cir("pooling", "gem");
    assertThatThrownBy(() -> checkpoint.backbone(0, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("must fit the network but lack [features.0.bias, features.0.weight, ")
        .hasMessageEndingWith(
            "] and have unused [adpool.p]; RetrievalCheckpoint reads them with pooling and"
                + " whitening");
  }

  @Test
  void withoutPoolingsTheErrorSaysWhatIsAbsent() throws IOException {
    RetrievalCheckpoint checkpoint = cir();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // The tests have the module on their class path, this loader has not.
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThatThrownBy(() -> checkpoint.extractor(source -> fail("decodes")))
          .hasMessage(
              "unknown head 'standard'; none is on the class path: add the module that has it");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  @Timeout(20)
  void containersThatHoldThemselvesAreNotPrinted() {
    Pickles laughs = Pickles.pickle().op(']').op('q', 0);
    for (int i = 0; i < 60; i++) {
      laughs.ops("](").op('h', i, 'h', i, 'e', 'q', i + 1);
    }
    byte[] twice = laughs.op('h', 60, 'h', 60, 'a').stop();
    byte[] prefix = Arrays.copyOfRange(twice, 2, twice.length - 1);
    for (String key : List.of("mean", "architecture", "regional", "Lw")) {
      Pickles pickle = Pickles.pickle().ops("}(").text("meta").ops("}(");
      META.forEach(
          (name, value) -> {
            if (value instanceof String text) {
              pickle.text(name).text(text);
            }
          });
      byte[] bytes =
          pickle
              .text("regional")
              .flag(false)
              .text(key)
              .raw(prefix)
              .ops("u")
              .text("state_dict")
              .ops("}")
              .text("pool.p")
              .tensor("0", 1, 0, new long[] {1}, new long[] {1})
              .ops("su")
              .stop();
      Path file =
          Pickles.zip(directory.resolve("l.pth"), bytes, Map.of("0", new byte[4]), ZipEntry.STORED);
      assertThatThrownBy(() -> RetrievalCheckpoint.read(file))
          .as(key)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot read weights " + file + " (torch): its ");
    }
  }

  @Test
  void hostileCheckpointsAreRefused() {
    byte[] pickle = Pickles.pickle().global("os", "system").op('(').text("true").ops("tR").stop();
    Path file = Pickles.zip(directory.resolve("evil.pth"), pickle, Map.of(), ZipEntry.STORED);
    assertThatThrownBy(() -> RetrievalCheckpoint.read(file))
        .hasMessageStartingWith("cannot read weights " + file + " (torch): it names 'os.system'");
  }
}
