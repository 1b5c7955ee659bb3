// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.LinearMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.TorchFile;
import io.deepretrieval.spi.HeadProvider;
import io.deepretrieval.spi.HeadSpec;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint of cnnimageretrieval-pytorch or deep-image-retrieval: the network with what follows
 * it, the pooling with its p, the layer behind it and the whitenings, as one extractor.
 *
 * <p>The file is read as data; nothing in it is executed. Read here is all but the network, which
 * {@link #backbone} and {@link #extractor} read from the same file. Architectures: {@code alexnet},
 * {@code vgg16}, {@code resnet18} to {@code resnet152}; of deep-image-retrieval the ones that end
 * in {@code _rmac}.
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
  private final Path file;
  private final CheckpointParts parts;

  private RetrievalCheckpoint(Path file, CheckpointParts parts) {
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
      CheckpointParts parts = MalformedCheckpointException.named(torch, () -> parts(torch));
      return new RetrievalCheckpoint(file, parts);
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
      return MalformedCheckpointException.named(
          torch, () -> CnnImageRetrievalFile.learned(torch, torch.root(), fittedOn));
    }
  }

  /**
   * Returns the name of its network.
   *
   * @return the name of a backbone, for instance {@code resnet101}
   */
  public String architecture() {
    return parts.architecture();
  }

  /**
   * Returns how bytes become the input of its network.
   *
   * @return with the mean and deviation of the file
   */
  public Preprocessing preprocessing() {
    return parts.preprocessing();
  }

  /**
   * Returns what follows its network, without a whitening.
   *
   * @return pooling and projection by their numbers
   */
  public HeadSpec head() {
    return parts.head();
  }

  /**
   * Returns the data sets that its whitenings were fitted on.
   *
   * @return names, in the order of the file; empty if it has none
   */
  public List<String> whitenings() {
    return parts.whitenings();
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
    if (!parts.whitenings().contains(fittedOn)) {
      throw new IllegalArgumentException(
          "whitening must be one of "
              + parts.whitenings()
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
      return MalformedCheckpointException.named(
          torch, () -> whitening(torch, fittedOn, severalScales, power));
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
    return CheckpointNetwork.open(file, parts, threads, concurrency);
  }

  /**
   * Starts an extractor with its network on all cores, without a whitening.
   *
   * @param decoder how files become images
   * @return a builder as of {@link #extractor(Backbone, List, ImageDecoder)}, whose extractor owns
   *     the network
   * @throws IOException if the file cannot be read, lacks a parameter, has one that is not used or
   *     its parts do not fit each other
   * @throws IllegalArgumentException if retrieval-pooling is absent
   */
  public DescriptorExtractor.Builder extractor(ImageDecoder decoder) throws IOException {
    HeadProvider heads = heads();
    Backbone backbone = backbone(0, 1);
    try {
      return prepared(heads, backbone, List.of(), decoder);
    } catch (IOException | RuntimeException e) {
      backbone.close();
      throw e;
    }
  }

  /**
   * Starts an extractor with what the checkpoint says: pooling, projection and the exponent of the
   * mean over scales. Images are taken as they are, as deep-image-retrieval does;
   * cnnimageretrieval-pytorch tests with a longer side of 1024. Pooling and transforms are made by
   * the {@link HeadProvider} of retrieval-pooling, which must be on the class path or module path.
   *
   * @param backbone what {@link #backbone} gave; the extractor closes it, or the caller if there
   *     will be none
   * @param whitenings what {@link #whitening} gave, cut to fewer dimensions if wanted, applied one
   *     after the other; none is applied unasked
   * @param decoder how files become images
   * @return a builder, to be asked for scales and sizes and to be built
   * @throws IOException if the parts of the file do not fit each other
   * @throws IllegalArgumentException if retrieval-pooling is absent
   */
  public DescriptorExtractor.Builder extractor(
      Backbone backbone, List<LinearMap> whitenings, ImageDecoder decoder) throws IOException {
    return prepared(heads(), backbone, whitenings, decoder);
  }

  private static HeadProvider heads() {
    return Providers.heads().get("standard");
  }

  private DescriptorExtractor.Builder prepared(
      HeadProvider heads, Backbone backbone, List<LinearMap> whitenings, ImageDecoder decoder)
      throws IOException {
    HeadSpec head = parts.head().withTransforms(whitenings);
    Pooling pooling = heads.pooling(head);
    requireFit(pooling, backbone, whitenings);
    DescriptorExtractor.Builder builder =
        DescriptorExtractor.builder(backbone, pooling, decoder)
            .scaleExponent(parts.scaleExponent());
    heads.transforms(head).forEach(builder::transform);
    return builder;
  }

  /** Dimensions that do not fit are a fault of the file, which the parts do not know. */
  private void requireFit(Pooling pooling, Backbone backbone, List<LinearMap> whitenings)
      throws IOException {
    try {
      int dimension = pooling.dimension(backbone.spec().output().channels());
      for (LinearMap map : whitenings) {
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
      throw TorchFile.broken(file, new IOException(e.getMessage(), e));
    }
  }

  private static CheckpointParts parts(TorchFile torch) throws IOException {
    Map<?, ?> root = PickledFields.map(torch.root(), "a checkpoint");
    HeadReader head = new HeadReader(NamedTensors.of(torch));
    if (root.get("meta") instanceof Map<?, ?> meta) {
      return CnnImageRetrievalFile.read(meta, head);
    }
    if (root.get("model_options") instanceof Map<?, ?> options) {
      return DeepImageRetrievalFile.read(options, root, head);
    }
    throw new MalformedCheckpointException(
        "it must have meta (cnnimageretrieval-pytorch) or model_options (deep-image-retrieval) but"
            + " has neither; weights alone are for a backbone");
  }

  private static LinearMap whitening(
      TorchFile torch, String fittedOn, boolean severalScales, double power) throws IOException {
    Map<?, ?> root = PickledFields.map(torch.root(), "a checkpoint");
    return root.get("meta") instanceof Map<?, ?> meta
        ? CnnImageRetrievalFile.whitening(torch, meta, fittedOn, severalScales)
        : DeepImageRetrievalFile.whitening(torch, root, fittedOn, power);
  }

  @Override
  public String toString() {
    return "RetrievalCheckpoint["
        + parts.architecture()
        + " "
        + parts.head().pooling()
        + ", whitenings "
        + parts.whitenings()
        + "]";
  }
}
