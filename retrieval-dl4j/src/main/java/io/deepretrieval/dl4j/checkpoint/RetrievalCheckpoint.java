// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.LinearMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.Transform;
import io.deepretrieval.dl4j.GraphBackbone;
import io.deepretrieval.dl4j.TorchvisionProvider;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.TorchFile;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.spi.HeadProvider;
import io.deepretrieval.spi.HeadSpec;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A checkpoint of cnnimageretrieval-pytorch or deep-image-retrieval: the network with what follows
 * it, the pooling with its p, the layer behind it and the whitenings, as one extractor.
 *
 * <p>The file is read as data; nothing in it is executed. Read here is all but the network, which
 * {@link #backbone} and {@link Builder#build} read from the same file. Architectures: {@code
 * alexnet}, {@code vgg16}, {@code resnet18} to {@code resnet152}; of deep-image-retrieval the ones
 * that end in {@code _rmac}.
 *
 * <p><b>What is as in the original.</b> Order of steps, numbers, and the mean over the scales: its
 * exponent is p where nothing but GeM follows the network of cnnimageretrieval-pytorch, 3 for
 * deep-image-retrieval, else 1. Whitenings of a checkpoint are never applied unasked: the programs
 * do not either.
 *
 * <p><b>What is not.</b> Scales are made of the image, not of the normalized tensor, by {@link
 * io.deepretrieval.Resampler}; and L2 divides by the length alone, where cnnimageretrieval-pytorch
 * adds 1e-6 to it.
 *
 * <p>Immutable and thread-safe.
 *
 * @see <a href="https://github.com/filipradenovic/cnnimageretrieval-pytorch">F. Radenović, G.
 *     Tolias, O. Chum: cnnimageretrieval-pytorch</a>
 * @see <a href="https://github.com/naver/deep-image-retrieval">J. Revaud, J. Almazán, N. Sampaio de
 *     Rezende, R. Cerri, D. Larlus and others: deep-image-retrieval</a>
 */
public final class RetrievalCheckpoint {
  /** What a reader of one of the two programs found. */
  record Parts(
      String architecture,
      Preprocessing preprocessing,
      HeadSpec head,
      Optional<LinearMap> local,
      double scaleExponent,
      List<String> whitenings,
      Set<String> names) {}

  private final Path file;
  private final Parts parts;

  private RetrievalCheckpoint(Path file, Parts parts) {
    this.file = file;
    this.parts = parts;
  }

  /**
   * Reads a checkpoint but for its network.
   *
   * @param file what one of the two programs wrote
   * @return the checkpoint
   * @throws IOException if the file cannot be read, is damaged, needs more than data or is no such
   *     checkpoint; the message names it
   */
  public static RetrievalCheckpoint read(Path file) throws IOException {
    try (TorchFile torch = TorchFile.open(file)) {
      return new RetrievalCheckpoint(file, CheckpointParts.read(torch));
    }
  }

  /**
   * Reads a whitening that cnnimageretrieval-pytorch wrote beside a checkpoint, a file with m and
   * P.
   *
   * @param file for instance {@code model.pth_retrieval-SfM-120k_whiten.pth}
   * @param fittedOn the data set, for the recipe
   * @return y = P(x - m)
   * @throws IOException if the file cannot be read or holds something else; the message names it
   */
  public static LinearMap readWhitening(Path file, String fittedOn) throws IOException {
    try (TorchFile torch = TorchFile.open(file)) {
      return CheckpointParts.readWhitening(torch, fittedOn);
    }
  }

  /**
   * Returns the name of its network.
   *
   * @return the name of a backbone, for instance {@code resnet101}
   */
  public String architecture() {
    return parts.architecture;
  }

  /**
   * Returns how bytes become the input of its network.
   *
   * @return with the mean and deviation of the file
   */
  public Preprocessing preprocessing() {
    return parts.preprocessing;
  }

  /**
   * Returns what follows its network, without a whitening.
   *
   * @return pooling and projection by their numbers
   */
  public HeadSpec head() {
    return parts.head;
  }

  /**
   * Returns the data sets that its whitenings were fitted on.
   *
   * @return names, in the order of the file; empty if it has none
   */
  public List<String> whitenings() {
    return parts.whitenings;
  }

  /**
   * Reads one of its whitenings.
   *
   * @param fittedOn one of {@link #whitenings}
   * @param severalScales whether the one for several scales is wanted; deep-image-retrieval has one
   *     for both
   * @param power exponent of the eigenvalues for deep-image-retrieval, in [0, 1], 0.25 there by
   *     default; cnnimageretrieval-pytorch has none
   * @return y = P(x - m)
   * @throws IOException if the file cannot be read or the whitening has not what it needs
   * @throws IllegalArgumentException if there is none of that name, or the power is out of range
   */
  public LinearMap whitening(String fittedOn, boolean severalScales, double power)
      throws IOException {
    if (!parts.whitenings.contains(fittedOn)) {
      throw new IllegalArgumentException(
          "whitening must be one of "
              + parts.whitenings
              + " (those of "
              + file
              + ") but was '"
              + fittedOn
              + "'");
    }
    if (!(power >= 0 && power <= 1)) {
      throw new IllegalArgumentException("whitening power must be in [0, 1] but was " + power);
    }
    try (TorchFile torch = TorchFile.open(file)) {
      return CheckpointParts.whitening(torch, fittedOn, severalScales, power);
    }
  }

  /**
   * Reads its network, with the whitening of single positions if it has one.
   *
   * @param threads threads a call, 0 for all cores
   * @param concurrency calls at once, at least 1
   * @return a new backbone, which the caller closes
   * @throws IOException if the file cannot be read, lacks a parameter or has one that is not used;
   *     all of them are listed
   */
  public Backbone backbone(int threads, int concurrency) throws IOException {
    TorchvisionProvider provider = CheckpointParts.provider(parts.architecture);
    String layer = provider.defaultLayer();
    ComputationGraph graph = provider.graph(layer, 0);
    try (NamedTensors tensors = NamedTensors.open(file)) {
      TorchvisionWeights.load(graph, provider.weightNames(), tensors, parts.names, true);
    }
    if (parts.local.isEmpty()) {
      return GraphBackbone.builder(parts.architecture, graph, layer, parts.preprocessing)
          .threads(threads)
          .concurrency(concurrency)
          .build();
    }
    NetworkPlan plan =
        CheckpointParts.behind(file, GraphCompiler.compile(graph, layer), parts.local.get());
    return GraphBackbone.of(
        parts.architecture, "lwhiten", parts.preprocessing, plan, concurrency, threads);
  }

  /**
   * Starts an extractor.
   *
   * @return a builder
   */
  public Builder extractor() {
    return new Builder(this);
  }

  @Override
  public String toString() {
    return "RetrievalCheckpoint["
        + parts.architecture
        + " "
        + parts.head.pooling()
        + ", whitenings "
        + parts.whitenings
        + "]";
  }

  /** Options of the extractor of a checkpoint. For one thread; builds any number of times. */
  public static final class Builder {
    private final RetrievalCheckpoint checkpoint;
    private final List<Transform> more = new ArrayList<>();
    private ImageDecoder decoder = new ImageIoDecoder();
    private Optional<String> whitening = Optional.empty();
    private double power = 0.25;
    private Optional<Integer> dimension = Optional.empty();
    private Optional<Integer> imageSize = Optional.empty();
    private List<Double> scales = List.of(1.0);
    private int batch = 8;
    private int decodeThreads = 1;
    private int threads;
    private int concurrency = 1;

    private Builder(RetrievalCheckpoint checkpoint) {
      this.checkpoint = checkpoint;
    }

    /**
     * Sets how files become images.
     *
     * @param other by default {@link ImageIoDecoder}
     * @return this builder
     */
    public Builder decoder(ImageDecoder other) {
      decoder = Objects.requireNonNull(other, "decoder");
      return this;
    }

    /**
     * Applies a whitening of the checkpoint; without it none is applied.
     *
     * @param fittedOn one of {@link RetrievalCheckpoint#whitenings}; the one for one or for several
     *     scales is chosen by {@link #scales}
     * @return this builder
     */
    public Builder whitening(String fittedOn) {
      whitening = Optional.of(fittedOn);
      return this;
    }

    /**
     * Sets the exponent of the eigenvalues in a whitening of deep-image-retrieval.
     *
     * @param exponent in [0, 1]; 0.25 by default
     * @return this builder
     */
    public Builder whiteningPower(double exponent) {
      power = exponent;
      return this;
    }

    /**
     * Keeps the first dimensions of the whitening only.
     *
     * @param outputDimension at least 1 and at most what the whitening gives
     * @return this builder
     */
    public Builder dimension(int outputDimension) {
      dimension = Optional.of(outputDimension);
      return this;
    }

    /**
     * Adds a transform behind the whitening of the checkpoint.
     *
     * @param transform takes the dimension that the step before it gives
     * @return this builder
     */
    public Builder transform(Transform transform) {
      more.add(Objects.requireNonNull(transform, "transform"));
      return this;
    }

    /**
     * Shrinks larger images. Without it an image is taken as it is, as deep-image-retrieval does;
     * cnnimageretrieval-pytorch tests with 1024.
     *
     * @param longerSide pixels, at least 1
     * @return this builder
     */
    public Builder imageSize(int longerSide) {
      imageSize = Optional.of(longerSide);
      return this;
    }

    /**
     * Describes an image at several scales, whose mean is that of the original program.
     *
     * @param factors each greater than 0 and at most 8; by default 1 alone
     * @return this builder
     */
    public Builder scales(List<Double> factors) {
      scales = List.copyOf(factors);
      return this;
    }

    /**
     * Bounds how many images run at once.
     *
     * @param images at least 1; 8 by default
     * @return this builder
     */
    public Builder batch(int images) {
      batch = images;
      return this;
    }

    /**
     * Sets how many threads decode ahead.
     *
     * @param count at least 1; 1 by default
     * @return this builder
     */
    public Builder decodeThreads(int count) {
      decodeThreads = count;
      return this;
    }

    /**
     * Sets the threads of the engine.
     *
     * @param count threads a call; 0, the default, for all cores
     * @return this builder
     */
    public Builder threads(int count) {
      threads = count;
      return this;
    }

    /**
     * Sets how many calls the engine runs at once.
     *
     * @param calls at least 1; 1 by default
     * @return this builder
     */
    public Builder concurrency(int calls) {
      concurrency = calls;
      return this;
    }

    /**
     * Reads the network and puts all together. Pooling and transforms are made by the {@link
     * HeadProvider} of retrieval-pooling, which must be on the class path or module path.
     *
     * @return an extractor that owns the network
     * @throws IOException if the file cannot be read, lacks a parameter, has one that is not used
     *     or its parts do not fit each other
     * @throws IllegalArgumentException if an option is out of range, the checkpoint has no such
     *     whitening, or retrieval-pooling is absent
     */
    public DescriptorExtractor build() throws IOException {
      HeadProvider heads = Providers.heads().get("standard");
      List<LinearMap> maps = new ArrayList<>();
      if (whitening.isPresent()) {
        LinearMap map = checkpoint.whitening(whitening.get(), scales.size() > 1, power);
        maps.add(dimension.isPresent() ? map.cut(dimension.get()) : map);
      } else if (dimension.isPresent()) {
        throw new IllegalArgumentException("a dimension must go with a whitening but has none");
      }
      HeadSpec head = checkpoint.parts.head.withTransforms(maps);
      Pooling pooling = heads.pooling(head);
      List<Transform> transforms = heads.transforms(head);
      Backbone backbone = checkpoint.backbone(threads, concurrency);
      try {
        requireFit(pooling, backbone, maps);
        DescriptorExtractor.Builder builder =
            DescriptorExtractor.builder(backbone, pooling, decoder)
                .scales(scales)
                .scaleExponent(scales.size() > 1 ? checkpoint.parts.scaleExponent : 1)
                .batch(batch)
                .decodeThreads(decodeThreads);
        imageSize.ifPresent(builder::imageSize);
        transforms.forEach(builder::transform);
        more.forEach(builder::transform);
        return builder.build();
      } catch (IOException | RuntimeException e) {
        backbone.close();
        throw e;
      }
    }

    /** Dimensions that do not fit are a fault of the file, which the parts do not know. */
    private void requireFit(Pooling pooling, Backbone backbone, List<LinearMap> maps)
        throws IOException {
      try {
        int dimension = pooling.dimension(backbone.spec().output().channels());
        for (LinearMap map : maps) {
          if (map.inputDimension() != dimension) {
            throw new IllegalArgumentException(
                "whitening "
                    + map.fittedOn()
                    + " must take dimension "
                    + dimension
                    + " but takes "
                    + map.inputDimension());
          }
        }
      } catch (IllegalArgumentException e) {
        throw TorchFile.broken(checkpoint.file, new IOException(e.getMessage(), e));
      }
    }
  }
}
