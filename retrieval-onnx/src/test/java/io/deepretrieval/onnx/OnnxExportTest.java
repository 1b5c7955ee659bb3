// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.CompiledBackbone;
import io.deepretrieval.dl4j.GraphBackbone;
import io.deepretrieval.dl4j.NetworkBackbones;
import io.deepretrieval.dl4j.TrainableGraphBackbone;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.dl4j.plan.Window;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Each kind of operation, exported and run by ONNX Runtime, against the compiled plan. */
class OnnxExportTest {
  private static final OnnxMetadata METADATA =
      new OnnxMetadata("net", "out", 2, Preprocessing.TORCH);

  @TempDir Path directory;

  private static ConvolutionLayer.Builder conv(int kernel, int in, int out) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(in)
        .nOut(out)
        .activation(new ActivationIdentity());
  }

  private static ConvolutionLayer.Builder same(int kernelH, int kernelW, int stride, int dilation) {
    return new ConvolutionLayer.Builder(kernelH, kernelW)
        .nIn(3)
        .nOut(4)
        .stride(stride, stride)
        .dilation(dilation, dilation)
        .convolutionMode(ConvolutionMode.Same)
        .activation(new ActivationIdentity());
  }

  private static SubsamplingLayer.Builder pool(SubsamplingLayer.PoolingType type) {
    return new SubsamplingLayer.Builder(type).kernelSize(3, 3).stride(2, 2);
  }

  private static Consumer<GraphBuilder> one(Layer layer) {
    return b -> b.addLayer("out", layer, "in");
  }

  private static Consumer<GraphBuilder> convThen(Layer layer) {
    return b -> b.addLayer("c", conv(3, 3, 6).build(), "in").addLayer("out", layer, "c");
  }

  private static ActivationLayer function(IActivation function) {
    return new ActivationLayer.Builder().activation(function).build();
  }

  private static Arguments net(String name, Consumer<GraphBuilder> vertices) {
    return Arguments.of(name, vertices);
  }

  static Stream<Arguments> networks() {
    SubsamplingLayer.PoolingType max = SubsamplingLayer.PoolingType.MAX;
    SubsamplingLayer.PoolingType avg = SubsamplingLayer.PoolingType.AVG;
    Stream<Arguments> some =
        Stream.of(
            net("convolution, stride 2", one(conv(7, 3, 8).stride(2, 2).padding(3, 3).build())),
            net("convolution, rows left unread", one(conv(2, 3, 4).stride(3, 3).build())),
            net("dilated convolution", one(conv(3, 3, 4).dilation(2, 3).padding(2, 2).build())),
            net("convolution without bias", one(conv(3, 3, 4).hasBias(false).build())),
            net("SAME, even kernel", one(same(2, 4, 1, 1).build())),
            net("SAME, stride 2", one(same(3, 5, 2, 1).build())),
            net("SAME, stride 2, even kernel", one(same(4, 2, 2, 1).build())),
            net("SAME, stride 3, pointwise", one(same(1, 1, 3, 1).build())),
            net("SAME, dilation 2", one(same(3, 2, 1, 2).build())),
            net("SAME, stride 2, dilation 2", one(same(3, 4, 2, 2).build())),
            net("SAME, stride above the kernel", one(same(2, 3, 5, 1).build())),
            net(
                "depthwise, multiplier 2, clipped",
                one(
                    new DepthwiseConvolution2D.Builder(3, 3)
                        .nIn(3)
                        .nOut(6)
                        .depthMultiplier(2)
                        .stride(2, 2)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(new ActivationReLU6())
                        .build())),
            net(
                "separable: two operations of one name",
                one(
                    new SeparableConvolution2D.Builder(3, 3)
                        .nIn(3)
                        .nOut(7)
                        .depthMultiplier(2)
                        .padding(1, 1)
                        .activation(new ActivationTanH())
                        .build())),
            net(
                "folded normalization",
                b ->
                    b.addLayer("c", conv(3, 3, 8).build(), "in")
                        .addLayer("n", new BatchNormalization.Builder().nOut(8).build(), "c")
                        .addLayer("out", function(new ActivationReLU()), "n")),
            net(
                "normalization behind a pooling",
                b ->
                    b.addLayer("c", conv(3, 3, 8).build(), "in")
                        .addLayer("p", pool(max).build(), "c")
                        .addLayer("out", new BatchNormalization.Builder().nOut(8).build(), "p")),
            net("max pooling", convThen(pool(max).padding(1, 1).build())),
            net(
                "max pooling, SAME",
                convThen(pool(max).convolutionMode(ConvolutionMode.Same).build())),
            net(
                "max pooling, SAME, stride 1, even",
                convThen(
                    pool(max)
                        .kernelSize(2, 4)
                        .stride(1, 1)
                        .convolutionMode(ConvolutionMode.Same)
                        .build())),
            net("mean pooling", convThen(pool(avg).padding(1, 1).build())),
            net(
                "mean pooling, SAME",
                convThen(pool(avg).convolutionMode(ConvolutionMode.Same).build())),
            net(
                "mean pooling that counts padding",
                convThen(pool(avg).padding(1, 1).avgPoolIncludePadInDivisor(true).build())),
            net(
                "mean pooling that counts padding, SAME",
                convThen(
                    pool(avg)
                        .convolutionMode(ConvolutionMode.Same)
                        .avgPoolIncludePadInDivisor(true)
                        .build())),
            net(
                "max pooling, SAME, stride above the kernel",
                convThen(
                    pool(max)
                        .kernelSize(2, 2)
                        .stride(5, 5)
                        .convolutionMode(ConvolutionMode.Same)
                        .build())),
            net(
                "mean pooling, SAME, stride above the kernel",
                convThen(
                    pool(avg)
                        .kernelSize(2, 2)
                        .stride(5, 5)
                        .convolutionMode(ConvolutionMode.Same)
                        .build())),
            net(
                "global maximum",
                convThen(new GlobalPoolingLayer.Builder(PoolingType.MAX).build())),
            net("global mean", convThen(new GlobalPoolingLayer.Builder(PoolingType.AVG).build())),
            net(
                "zero padding into a convolution",
                b ->
                    b.addLayer("z", new ZeroPaddingLayer.Builder(1, 2, 3, 0).build(), "in")
                        .addLayer("out", conv(3, 3, 8).stride(2, 2).build(), "z")),
            net("zero padding alone", convThen(new ZeroPaddingLayer.Builder(1, 2, 3, 0).build())),
            net(
                "channels one behind the other",
                b ->
                    b.addLayer("a", conv(3, 3, 5).padding(1, 1).build(), "in")
                        .addLayer("b", conv(1, 3, 8).build(), "in")
                        .addVertex("out", new MergeVertex(), "a", "b", "a")),
            net(
                "residual block",
                b ->
                    b.addLayer("a", conv(3, 3, 8).build(), "in")
                        .addLayer("r", function(new ActivationReLU()), "a")
                        .addLayer("c", conv(1, 8, 8).build(), "r")
                        .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "r")
                        .addLayer("out", function(new ActivationReLU()), "s")),
            net(
                "sum of three",
                b ->
                    b.addLayer("a", conv(3, 3, 8).build(), "in")
                        .addLayer("c", conv(3, 3, 8).build(), "in")
                        .addLayer("d", conv(3, 3, 8).build(), "in")
                        .addVertex(
                            "s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "c", "d")
                        .addLayer("out", function(new ActivationReLU6()), "s")),
            net(
                "a value with itself, and names that others have",
                b ->
                    b.addLayer("image", conv(3, 3, 8).build(), "in")
                        .addLayer("image.bias", conv(1, 8, 8).build(), "image")
                        .addVertex(
                            "out",
                            new ElementWiseVertex(ElementWiseVertex.Op.Add),
                            "image.bias",
                            "image.bias")));
    Stream<Arguments> functions =
        Stream.of(
                new ActivationReLU(),
                new ActivationLReLU(0.1),
                new ActivationReLU6(),
                new ActivationELU(0.7),
                new ActivationSigmoid(),
                new ActivationTanH(),
                new ActivationSwish(),
                new ActivationIdentity())
            .flatMap(
                f ->
                    Stream.of(
                        net("fused " + f, one(conv(3, 3, 4).activation(f).build())),
                        net(
                            "unfused " + f,
                            b ->
                                b.addLayer("c", conv(3, 3, 4).build(), "in")
                                    .addLayer("p", pool(max).build(), "c")
                                    .addLayer("out", function(f), "p"))));
    return Stream.concat(some, functions);
  }

  private static GraphBackbone backbone(
      Consumer<GraphBuilder> vertices, Preprocessing preprocessing) {
    return GraphBackbone.builder("net", graph(vertices), "out", preprocessing).build();
  }

  private static ComputationGraph graph(Consumer<GraphBuilder> vertices) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(ExportRuns.SEED)
            .weightInit(WeightInit.RELU)
            .graphBuilder()
            .addInputs("in");
    vertices.accept(builder);
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("out").build());
    graph.init();
    Random random = new Random(ExportRuns.SEED);
    for (org.deeplearning4j.nn.api.Layer layer : graph.getLayers()) {
      layer.paramTable().forEach((name, array) -> randomize(name, array, random));
    }
    return graph;
  }

  private static void randomize(String name, INDArray array, Random random) {
    if (name.contains("W")) {
      return;
    }
    for (int i = 0; i < array.length(); i++) {
      array.putScalar(
          i,
          name.equals("var") || name.equals("gamma")
              ? 0.5 + random.nextFloat()
              : 0.5 * random.nextGaussian());
    }
  }

  private Path export(Backbone network) throws IOException {
    Path file = directory.resolve("net.onnx");
    OnnxExport.write(file, network);
    return file;
  }

  private static void assertParity(Path file, Backbone network, int[]... sizes)
      throws OrtException {
    try (OrtSession session = ExportRuns.open(file)) {
      for (int[] size : sizes) {
        assertThat(ExportRuns.deviation(session, network, 2, size[0], size[1]))
            .as("deviation at %dx%d, seed %d", size[0], size[1], ExportRuns.SEED)
            .isLessThanOrEqualTo(1e-4);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void runsAsThePlan(String name, Consumer<GraphBuilder> vertices)
      throws IOException, OrtException {
    try (GraphBackbone network = backbone(vertices, Preprocessing.CAFFE)) {
      assertParity(
          export(network),
          network,
          new int[] {37, 25},
          new int[] {26, 31},
          new int[] {33, 32},
          new int[] {35, 34},
          new int[] {28, 29});
    }
  }

  @Test
  void onnxAcceptsEveryKind() throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (Arguments arguments : networks().toList()) {
      @SuppressWarnings("unchecked")
      Consumer<GraphBuilder> vertices = (Consumer<GraphBuilder>) arguments.get()[1];
      try (GraphBackbone network = backbone(vertices, Preprocessing.UNIT)) {
        Path file = directory.resolve(files.size() + ".onnx");
        OnnxExport.write(file, network);
        files.add(file);
      }
    }
    ExportRuns.check(directory.resolve("log"), files);
  }

  @Test
  void exportsAResNetWithItsNames() throws IOException, OrtException {
    try (Backbone network =
        Providers.backbones().get("resnet18").create(Options.of(Map.of("seed", "7")))) {
      Path file = export(network);
      assertThat(Files.size(file)).isBetween(44_000_000L, 45_000_000L);
      assertParity(file, network, new int[] {97, 65}, new int[] {63, 75});
      assertThat(ExportRuns.deviation(file, network, 2, 97, 65)).isLessThanOrEqualTo(1e-4);
      assertThat(ExportRuns.deviation(file, network, 1, 63, 75)).isLessThanOrEqualTo(1e-4);
      try (OrtSession session = ExportRuns.open(file)) {
        assertThat(session.getInputNames()).containsExactly("image");
        assertThat(session.getOutputNames()).containsExactly("layer4");
        TensorInfo input = (TensorInfo) session.getInputInfo().values().iterator().next().getInfo();
        assertThat(input.getShape()).containsExactly(-1, 3, -1, -1);
        assertThat(input.getDimensionNames()).containsExactly("batch", "", "height", "width");
        TensorInfo output =
            (TensorInfo) session.getOutputInfo().values().iterator().next().getInfo();
        assertThat(output.getShape()).containsExactly(-1, 512, -1, -1);
        assertThat(session.getMetadata().getProducerName()).isEqualTo("deep-retrieval");
        assertThat(session.getMetadata().getGraphName()).isEqualTo("resnet18");
        assertThat(session.getMetadata().getCustomMetadata())
            .containsExactlyInAnyOrderEntriesOf(
                Map.of(
                    "retrieval.backbone", "resnet18",
                    "retrieval.layer", "layer4",
                    "retrieval.stride", "32",
                    "retrieval.preprocessing", OnnxMetadata.text(Preprocessing.TORCH)));
      }
      OnnxGraph graph = OnnxGraph.of(((CompiledBackbone) network).operations(), "layer4");
      assertThat(graph.initializers())
          .extracting(OnnxGraph.Initializer::name)
          .hasSize(40)
          .contains(
              "conv1.weight",
              "conv1.bias",
              "layer1.0.conv1.weight",
              "layer2.0.downsample.0.bias",
              "layer4.1.conv2.weight");
      assertThat(graph.nodes())
          .extracting(OnnxGraph.Node::output)
          .doesNotHaveDuplicates()
          .startsWith("conv1", "conv1.relu", "maxpool", "layer1.0.conv1")
          .endsWith("layer4.1.conv2", "layer4.1.conv2.add", "layer4");
    }
  }

  @Test
  void exportsWhatWasTrainedAndSaved() throws IOException, OrtException {
    try (TrainableBackbone trained =
        new TrainableGraphBackbone(
            "net",
            graph(convThen(pool(SubsamplingLayer.PoolingType.MAX).padding(1, 1).build())),
            Preprocessing.TORCH)) {
      float[] bias = trained.parameters().get(1).values();
      Arrays.fill(bias, 0.25f);
      trained.parameters().get(1).set(bias);
      Path file = export(trained);
      assertParity(file, trained, new int[] {37, 25});
      Path saved = directory.resolve("net.safetensors");
      trained.save(saved);
      try (Backbone opened = NetworkBackbones.open(saved, 0, 1)) {
        Path again = directory.resolve("again.onnx");
        OnnxExport.write(again, opened);
        assertThat(again).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void givesTheSameBytesEachTime() throws IOException {
    Arguments any = networks().toList().get(9);
    @SuppressWarnings("unchecked")
    Consumer<GraphBuilder> vertices = (Consumer<GraphBuilder>) any.get()[1];
    try (GraphBackbone network = backbone(vertices, Preprocessing.TORCH)) {
      byte[] first = Files.readAllBytes(export(network));
      assertThat(Files.readAllBytes(export(network))).isEqualTo(first);
    }
  }

  @Test
  void anEarlierFileOutlivesAFailure() throws IOException {
    Path file = Files.writeString(directory.resolve("net.onnx"), "earlier");
    NetworkOperation good = convolution("a", 8, 3, () -> new float[24]);
    NetworkOperation bad = convolution("b", 8, 3, () -> new float[23]);
    assertThatThrownBy(() -> OnnxExport.write(file, List.of(good, bad), METADATA))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("weights 'b.weight' of shape [8, 3, 1, 1] must have 24 values but have 23");
    assertThat(file).hasContent("earlier");
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void anEarlierFileOutlivesAFullDisk() throws IOException {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), 64);
    assumeThat(mounted).as("skipped: a small disk cannot be mounted").isPresent();
    try (SmallDisk disk = mounted.orElseThrow()) {
      Path file = Files.writeString(disk.directory().resolve("net.onnx"), "earlier");
      NetworkOperation large = convolution("a", 40_000, 3, () -> new float[120_000]);
      assertThatThrownBy(() -> OnnxExport.write(file, List.of(large), METADATA))
          .isInstanceOf(IOException.class);
      assertThat(file).hasContent("earlier");
      assertThat(disk.directory()).isDirectoryNotContaining("glob:**.part");
    }
  }

  private static NetworkOperation convolution(
      String name, int channels, int inputChannels, Supplier<float[]> kernel) {
    return new NetworkOperation.Convolution(
        name, 0, inputChannels, channels, 1, point(1), kernel, () -> new float[channels]);
  }

  private static Window point(int dilation) {
    return new Window(1, 1, 1, 1, dilation, dilation, false, 0, 0, 0, 0);
  }

  @Test
  void aFileOfTwoGigabytesIsRefusedBeforeAnyWeightIsRead() {
    Path file = directory.resolve("net.onnx");
    NetworkOperation large =
        convolution(
            "a",
            30_000,
            30_000,
            () -> {
              throw new AssertionError("must not be read");
            });
    assertThatThrownBy(() -> OnnxExport.write(file, List.of(large), METADATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "ONNX file must be smaller than 2 GB \\(2147483648 bytes\\) but would have"
                + " 360012\\d{4} bytes");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anEmptyNetworkPassesItsInputOn() throws IOException, OrtException {
    Path file = directory.resolve("net.onnx");
    OnnxExport.write(file, List.of(), METADATA);
    try (OrtSession session = ExportRuns.open(file)) {
      assertThat(session.getOutputNames()).containsExactly("out");
    }
  }

  @Test
  void scalesTheArgumentOfSwishWhereItsFactorIsNotOne() {
    NetworkOperation swish =
        new NetworkOperation.Elementwise("s", 0, 3, new Activation(Activation.Kind.SWISH, 1.5f, 0));
    assertThat(OnnxGraph.of(List.of(swish), "out").nodes())
        .containsExactly(
            new OnnxGraph.Node("Mul", List.of("image", "s.factor"), "s.scaled", Map.of()),
            new OnnxGraph.Node("Sigmoid", List.of("s.scaled"), "s.sigmoid", Map.of()),
            new OnnxGraph.Node("Mul", List.of("image", "s.sigmoid"), "out", Map.of()));
  }

  @Test
  void whatCannotBeExportedIsNamed() {
    Path file = directory.resolve("net.onnx");
    NetworkOperation dilated =
        new NetworkOperation.Pooling("p", 0, 3, NetworkOperation.PoolingKind.MAX, false, point(2));
    assertThatThrownBy(() -> OnnxExport.write(file, List.of(dilated), METADATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pooling 'p' must have a dilation of 1x1 to be exported but has 2x2");
    assertThatThrownBy(
            () ->
                OnnxExport.write(
                    file, List.of(), new OnnxMetadata("net", "image", 1, Preprocessing.TORCH)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer to export must not be called 'image', which is the name of the input");
    assertThatThrownBy(() -> OnnxExport.write(file, new Foreign()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("network to export must be compiled from Deeplearning4j but was Foreign");
    GraphBackbone closed = backbone(one(conv(1, 3, 4).build()), Preprocessing.TORCH);
    closed.close();
    assertThatThrownBy(() -> OnnxExport.write(file, closed))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backbone is closed: net");
    assertThat(directory).isEmptyDirectory();
  }

  private static final class Foreign implements Backbone {
    @Override
    public BackboneSpec spec() {
      throw new IllegalStateException("must not be asked");
    }

    @Override
    public List<FeatureMap> extract(List<RgbImage> images) {
      throw new IllegalStateException("must not be asked");
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "Foreign";
    }
  }
}
