// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Parameter;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.format.Float16;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TrainableGraphBackboneTest {
  private static final long SEED = Networks.SEED;

  @TempDir Path directory;

  private static List<RgbImage> images(int count, int width, int height, long seed) {
    Random random = new Random(seed);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[3 * width * height];
      random.nextBytes(bytes);
      images.add(RgbImage.copyOf(width, height, bytes));
    }
    return images;
  }

  /** Factors of a linear loss over the maps. */
  private static List<FeatureMap> factors(List<FeatureMap> maps, long seed) {
    Random random = new Random(seed);
    List<FeatureMap> out = new ArrayList<>();
    for (FeatureMap map : maps) {
      float[] values = new float[map.channels() * map.height() * map.width()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      out.add(FeatureMap.ofOwned(map.channels(), map.height(), map.width(), values));
    }
    return out;
  }

  private static double loss(List<FeatureMap> maps, List<FeatureMap> factors) {
    double sum = 0;
    for (int m = 0; m < maps.size(); m++) {
      float[] a = maps.get(m).sharedValues();
      float[] b = factors.get(m).sharedValues();
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
    }
    return sum;
  }

  private static GraphBuilder act(GraphBuilder b, String name, Activation f, String input) {
    return b.addLayer(name, new ActivationLayer.Builder().activation(f).build(), input);
  }

  private static Arguments net(String name, Consumer<GraphBuilder> vertices) {
    return Arguments.of(name, vertices);
  }

  static Stream<Arguments> everyLayer() {
    return Stream.of(
        net("convolution", b -> b.addLayer("out", Networks.conv(3, 3, 5).build(), "in")),
        net(
            "folded normalization, relu",
            b ->
                act(
                    b.addLayer(
                            "c", Networks.conv(3, 3, 20).stride(2, 2).padding(1, 1).build(), "in")
                        .addLayer("n", new BatchNormalization.Builder().nOut(20).build(), "c"),
                    "out",
                    Activation.RELU,
                    "n")),
        net(
            "residual, relu behind the sum",
            b -> {
              b.addLayer("a", Networks.conv(3, 3, 16).padding(1, 1).build(), "in");
              act(b, "r", Activation.RELU, "a");
              b.addLayer("c", Networks.conv(3, 16, 16).padding(1, 1).build(), "r")
                  .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "r");
              act(b, "out", Activation.RELU, "s");
            }),
        net(
            "sum of three, relu6",
            b -> {
              b.addLayer("a", Networks.conv(1, 3, 8).build(), "in")
                  .addLayer("b", Networks.conv(1, 3, 8).build(), "in")
                  .addLayer("c", Networks.conv(1, 3, 8).build(), "in")
                  .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b", "c");
              act(b, "out", Activation.RELU6, "s");
            }),
        net(
            "depthwise, relu6, SAME",
            b -> {
              b.addLayer("a", Networks.conv(1, 3, 16).build(), "in");
              act(b, "r", Activation.RELU6, "a");
              b.addLayer(
                  "d",
                  new DepthwiseConvolution2D.Builder(3, 3)
                      .nIn(16)
                      .nOut(16)
                      .depthMultiplier(1)
                      .stride(2, 2)
                      .convolutionMode(ConvolutionMode.Same)
                      .activation(Activation.IDENTITY)
                      .build(),
                  "r");
              act(b, "out", Activation.RELU6, "d");
            }),
        net(
            "max pooling between convolutions",
            b -> {
              b.addLayer("a", Networks.conv(3, 3, 16).padding(1, 1).build(), "in")
                  .addLayer(
                      "p",
                      new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                          .kernelSize(3, 3)
                          .stride(2, 2)
                          .padding(1, 1)
                          .build(),
                      "a")
                  .addLayer("out", Networks.conv(3, 16, 6).build(), "p");
            }),
        net(
            "concatenation, mean pooling, swish, sigmoid, tanh, elu",
            b -> {
              b.addLayer("a", Networks.conv(3, 3, 5).padding(1, 1).build(), "in");
              act(b, "a1", Activation.SWISH, "a");
              b.addLayer("b", Networks.conv(1, 3, 7).build(), "in");
              act(b, "b1", Activation.SIGMOID, "b");
              b.addLayer("c", Networks.conv(1, 3, 4).build(), "in");
              act(b, "c1", Activation.TANH, "c");
              b.addLayer("d", Networks.conv(1, 3, 4).build(), "in");
              act(b, "d1", Activation.ELU, "d");
              b.addVertex("m", new MergeVertex(), "a1", "b1", "c1", "d1")
                  .addLayer(
                      "p",
                      new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                          .kernelSize(2, 2)
                          .stride(2, 2)
                          .build(),
                      "m")
                  .addLayer("out", Networks.conv(3, 20, 6).build(), "p");
            }),
        net(
            "padding that cannot be fused, leaky relu",
            b -> {
              b.addLayer("a", Networks.conv(3, 3, 8).build(), "in");
              act(b, "r", Activation.LEAKYRELU, "a");
              b.addLayer("z", new ZeroPaddingLayer.Builder(1, 2, 3, 0).build(), "r")
                  .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "z", "z")
                  .addLayer("out", Networks.conv(2, 8, 6).build(), "s");
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyLayer")
  void gradientsAreThoseOfCentralDifferences(String name, Consumer<GraphBuilder> vertices) {
    ComputationGraph graph = Networks.graph(vertices);
    List<RgbImage> images = images(2, 11, 9, SEED);
    try (TrainableGraphBackbone backbone =
        TrainableGraphBackbone.builder("net", graph, "out", Preprocessing.MINUS_ONE_TO_ONE)
            .build()) {
      List<FeatureMap> maps = backbone.forward(images);
      assertThat(distance(maps, backbone.extract(images))).isLessThan(1e-5);
      List<FeatureMap> factors = factors(maps, SEED + 1);
      backbone.backward(factors);
      for (Parameter parameter : backbone.parameters()) {
        float[] values = parameter.values();
        float[] gradient = parameter.gradient();
        double length = 0;
        for (float g : gradient) {
          length += (double) g * g;
        }
        length = Math.sqrt(length);
        for (int draw = 0; draw < 3; draw++) {
          Random random = new Random(SEED + draw);
          double[] direction = new double[values.length];
          double norm = 0;
          for (int i = 0; i < direction.length; i++) {
            direction[i] = random.nextGaussian();
            norm += direction[i] * direction[i];
          }
          double expected = 0;
          for (int i = 0; i < direction.length; i++) {
            direction[i] /= Math.sqrt(norm);
            expected += direction[i] * gradient[i];
          }
          // Long enough for float32, short enough to meet few kinks.
          double step = 2e-3;
          double above = loss(moved(backbone, parameter, values, direction, step, images), factors);
          double below =
              loss(moved(backbone, parameter, values, direction, -step, images), factors);
          parameter.set(values);
          assertThat((above - below) / (2 * step))
              .as(parameter.name() + " in direction " + draw + ", seed " + SEED)
              .isCloseTo(expected, within(0.02 * length + 1e-3));
        }
      }
    }
  }

  private static List<FeatureMap> moved(
      TrainableGraphBackbone backbone,
      Parameter parameter,
      float[] values,
      double[] direction,
      double step,
      List<RgbImage> images) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    parameter.set(moved);
    return backbone.forward(images);
  }

  private static double distance(List<FeatureMap> a, List<FeatureMap> b) {
    double largest = 0;
    double difference = 0;
    for (int m = 0; m < a.size(); m++) {
      float[] x = a.get(m).sharedValues();
      float[] y = b.get(m).sharedValues();
      assertThat(x).hasSameSizeAs(y);
      for (int i = 0; i < x.length; i++) {
        largest = Math.max(largest, Math.abs(y[i]));
        difference = Math.max(difference, Math.abs(x[i] - y[i]));
      }
    }
    return difference / Math.max(largest, 1e-30);
  }

  @Test
  void gradientsOfAResidualNetworkAreThoseOfDeeplearning4j() {
    ComputationGraph graph = ResNets.create(18, 3, SEED);
    List<RgbImage> images = images(3, 48, 33, SEED);
    try (TrainableGraphBackbone backbone =
        new TrainableGraphBackbone("resnet18", graph, Preprocessing.TORCH)) {
      List<FeatureMap> maps = backbone.forward(images);
      List<FeatureMap> factors = factors(maps, SEED);
      backbone.backward(factors);
      Gradient expected = backPropagated(graph, images, factors);
      for (Parameter parameter : backbone.parameters()) {
        String key = parameter.name().replace(".weight", "_W").replace(".bias", "_b");
        float[] reference = NetworkPlan.Weights.read(expected.getGradientFor(key));
        float[] actual = parameter.gradient();
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < reference.length; i++) {
          largest = Math.max(largest, Math.abs(reference[i]));
          difference = Math.max(difference, Math.abs(reference[i] - actual[i]));
        }
        assertThat(difference / largest).as(key).isLessThan(1e-4);
      }
    }
  }

  private static Gradient backPropagated(
      ComputationGraph graph, List<RgbImage> images, List<FeatureMap> factors) {
    int h = images.get(0).height();
    int w = images.get(0).width();
    PixelWriter pixels = new PixelWriter(Preprocessing.TORCH);
    java.nio.FloatBuffer buffer = java.nio.FloatBuffer.allocate(images.size() * h * w * 3);
    images.forEach(image -> pixels.write(image, buffer));
    INDArray input =
        Nd4j.create(buffer.array(), new long[] {images.size(), h, w, 3}, 'c')
            .permute(0, 3, 1, 2)
            .dup('c');
    graph.setInputs(input);
    graph.feedForward(new INDArray[] {input}, true, false);
    FeatureMap first = factors.get(0);
    int each = first.channels() * first.height() * first.width();
    float[] epsilon = new float[factors.size() * each];
    for (int i = 0; i < factors.size(); i++) {
      System.arraycopy(factors.get(i).toChannelsFirst(), 0, epsilon, i * each, each);
    }
    return graph.backpropGradient(
        Nd4j.create(
            epsilon,
            new long[] {factors.size(), first.channels(), first.height(), first.width()},
            'c'));
  }

  @Test
  void layersBeforeTheFirstTrainedOneStayAndMayBeKept() {
    ComputationGraph graph = ResNets.create(18, 3, SEED);
    List<RgbImage> images = images(2, 40, 36, SEED);
    try (TrainableGraphBackbone all =
            new TrainableGraphBackbone("resnet18", graph, Preprocessing.TORCH);
        TrainableGraphBackbone some =
            TrainableGraphBackbone.builder("resnet18", graph, "layer3", Preprocessing.TORCH)
                .trainFrom("layer3")
                .build()) {
      assertThat(some.parameters())
          .extracting(Parameter::name)
          .allMatch(n -> n.startsWith("layer3."));
      assertThat(some.parameters()).hasSize(10);
      assertThat(some.spec()).isEqualTo(all.spec());
      List<FeatureMap> frozen = some.frozen(images);
      assertThat(frozen.get(0)).hasToString("FeatureMap[128,5,5]");
      List<FeatureMap> maps = some.forwardFrom(frozen);
      List<FeatureMap> factors = factors(maps, SEED);
      some.backward(factors);
      all.forward(images);
      all.backward(factors);
      Map<String, float[]> expected = new java.util.HashMap<>();
      all.parameters().forEach(p -> expected.put(p.name(), p.gradient()));
      for (Parameter parameter : some.parameters()) {
        float[] a = parameter.gradient();
        float[] b = java.util.Objects.requireNonNull(expected.get(parameter.name()));
        for (int i = 0; i < a.length; i++) {
          assertThat(a[i]).isCloseTo(b[i], within(2e-3f + 1e-3f * Math.abs(b[i])));
        }
      }
      // Sums of floats in another order: the two may use kernels of different layouts.
      assertThat(distance(some.extractFrom(frozen), some.extract(images))).isLessThan(1e-5);
    }
  }

  @Test
  void gradientsOfTwoBatchesAddUp() {
    ComputationGraph graph = ResNets.create(18, 1, SEED);
    try (TrainableGraphBackbone backbone =
        new TrainableGraphBackbone("resnet18", graph, Preprocessing.TORCH)) {
      List<RgbImage> images = images(1, 24, 24, SEED);
      Parameter first = backbone.parameters().get(0);
      backbone.backward(factors(backbone.forward(images), 1));
      float[] once = first.gradient();
      backbone.backward(factors(backbone.forward(images), 1));
      float[] twice = first.gradient();
      for (int i = 0; i < once.length; i++) {
        assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-4f * Math.abs(once[i]) + 1e-5f));
      }
      first.clearGradient();
      assertThat(first.gradient()).containsOnly(0);
    }
  }

  @Test
  void theSameStepsGiveTheSameBits() {
    float[][] seen = new float[2][];
    for (int run = 0; run < 2; run++) {
      try (TrainableGraphBackbone backbone =
          new TrainableGraphBackbone(
              "resnet18", ResNets.create(18, 2, SEED), Preprocessing.TORCH)) {
        for (int step = 0; step < 3; step++) {
          backbone.backward(factors(backbone.forward(images(4, 32, 32, step)), step));
        }
        seen[run] = backbone.parameters().get(0).gradient();
      }
    }
    assertThat(seen[0]).isEqualTo(seen[1]);
  }

  @Test
  void aSavedNetworkOpensWithoutItsGraph() throws IOException {
    ComputationGraph graph =
        Networks.graph(
            b -> {
              b.addLayer("a", Networks.conv(3, 3, 8).stride(2, 2).build(), "in")
                  .addLayer("n", new BatchNormalization.Builder().nOut(8).build(), "a");
              act(b, "r", Activation.RELU6, "n");
              b.addLayer("b", Networks.conv(1, 8, 8).build(), "r")
                  .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "b", "r")
                  .addVertex("m", new MergeVertex(), "s", "r")
                  .addLayer(
                      "out",
                      new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                          .kernelSize(2, 2)
                          .stride(1, 1)
                          .build(),
                      "m");
            });
    List<RgbImage> images = images(2, 21, 17, SEED);
    Path file = directory.resolve("network.safetensors");
    try (TrainableGraphBackbone backbone =
        new TrainableGraphBackbone("net", graph, Preprocessing.CAFFE)) {
      Parameter bias = backbone.parameters().get(1);
      float[] values = bias.values();
      values[0] += 1;
      String before = backbone.spec().weightsSha256();
      bias.set(values);
      assertThat(backbone.spec().weightsSha256()).isNotEqualTo(before);
      backbone.save(file);
      Options options = Options.of(Map.of("weights", file.toString()));
      try (Backbone opened = Providers.backbones().get("trained").create(options)) {
        assertThat(opened.spec()).isEqualTo(backbone.spec());
        assertThat(opened.extract(images)).isEqualTo(backbone.extract(images));
      }
      try (TrainableGraphBackbone again = TrainableGraphBackbone.builder(file).build()) {
        assertThat(again.spec()).isEqualTo(backbone.spec());
        assertThat(again.parameters()).hasSameSizeAs(backbone.parameters());
      }
    }
  }

  @Test
  void halfAsLargeAFileKeepsElevenBits() throws IOException {
    ComputationGraph graph = ResNets.create(18, 1, SEED);
    Path full = directory.resolve("full.safetensors");
    Path half = directory.resolve("half.safetensors");
    NetworkFile.Content content =
        new NetworkFile.Content(
            "resnet18", "layer1", Preprocessing.TORCH, GraphCompiler.compile(graph, "layer1"));
    NetworkFile.write(full, content, false);
    NetworkFile.write(half, content, true);
    assertThat(Files.size(half)).isLessThan(Files.size(full) * 6 / 10);
    List<RgbImage> images = images(1, 40, 30, SEED);
    try (Backbone a = NetworkBackbones.open(full, 1, 1);
        Backbone b = NetworkBackbones.open(half, 1, 1)) {
      assertThat(distance(b.extract(images), a.extract(images))).isBetween(1e-9, 3e-3);
    }
  }

  @Test
  void aFlippedByteIsFound() throws IOException {
    Path file = directory.resolve("network.safetensors");
    ComputationGraph graph =
        Networks.graph(b -> b.addLayer("out", Networks.conv(3, 3, 5).build(), "in"));
    try (TrainableGraphBackbone backbone =
        new TrainableGraphBackbone("net", graph, Preprocessing.UNIT)) {
      backbone.save(file);
    }
    byte[] sound = Files.readAllBytes(file);
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = sound.clone();
      int at = i < 40 ? bytes.length - 1 - i : random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bytes);
      try {
        NetworkFile.Content content = NetworkFile.read(file);
        // A name or a size of the header may change without harm to a weight.
        assertThat(at).as("seed " + SEED).isLessThan(sound.length - 4 * (3 * 5 * 9 + 5));
        assertThat(content.plan().steps()).hasSize(1);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
    for (int length = 0; length < sound.length; length += 7) {
      Files.write(file, java.util.Arrays.copyOf(sound, length));
      assertThatThrownBy(() -> NetworkFile.read(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void whatCannotBeTrainedIsSaid() throws IOException {
    ComputationGraph graph = ResNets.create(18, 1, SEED);
    TrainableGraphBackbone.Builder builder =
        TrainableGraphBackbone.builder("resnet18", graph, "layer1", Preprocessing.TORCH);
    assertThatThrownBy(() -> builder.trainFrom("layer9").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown layer to train from 'layer9'; known: input, conv1, relu");
    assertThatThrownBy(() -> builder.threads(-1))
        .hasMessage("threads must be at least 0 but were -1");
    Path file = directory.resolve("w.safetensors");
    TorchvisionWeights.save(graph, file);
    assertThatThrownBy(() -> NetworkBackbones.open(file, 0, 1))
        .hasMessage(
            "cannot read network "
                + file
                + ": format must be 'deep-retrieval network' but was 'deep-retrieval folded"
                + " torchvision'");
    assertThatThrownBy(() -> Providers.backbones().get("trained").create(Options.NONE))
        .hasMessage("backbone trained must have weights: a file");
    TrainableGraphBackbone closed = builder.trainFrom("").threads(1).build();
    closed.close();
    closed.close();
    assertThatThrownBy(() -> closed.forward(images(1, 32, 32, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backbone is closed: resnet18");
  }

  @Test
  void halvesAreRoundedToTheNearest() {
    for (int h = 0; h < 0x10000; h++) {
      float value = Float16.toFloat((short) h);
      if (Float.isNaN(value)) {
        assertThat(Float16.toFloat(Float16.fromFloat(value))).isNaN();
      } else {
        assertThat(Float16.fromFloat(value)).as("%x", h).isEqualTo((short) h);
      }
    }
    Random random = new Random(SEED);
    for (int i = 0; i < 100_000; i++) {
      float value = (float) Math.scalb(random.nextGaussian(), random.nextInt(40) - 26);
      short rounded = Float16.fromFloat(value);
      float best = Math.abs(Float16.toFloat(rounded) - value);
      for (int d = -1; d <= 1; d += 2) {
        float other = Float16.toFloat((short) (rounded + d));
        if (!Float.isNaN(other) && Float.isFinite(Float16.toFloat(rounded))) {
          assertThat(best)
              .as("%s, seed %d", value, SEED)
              .isLessThanOrEqualTo(Math.abs(other - value));
        }
      }
    }
  }
}
