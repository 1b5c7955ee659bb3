// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.LinearMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say how an image becomes a descriptor, the same for every command. */
final class ExtractionOptions {
  private static final String DEFAULT_BACKBONE = "resnet50";
  private static final String DEFAULT_POOLING = "gem";

  private static final List<String> INSTEAD =
      List.of(
          "--backbone",
          "--weights",
          "--no-strict",
          "--layer",
          "--preprocessing",
          "--seed",
          "--pooling",
          "--p",
          "--scale-exponent");

  private static final String BESIDE_CHECKPOINT =
      " must not go with --checkpoint, which says it itself";

  private static final List<String> BEHIND_THE_NETWORK =
      List.of(
          "--pooling",
          "--p",
          "--image-size",
          "--scales",
          "--scale-exponent",
          "--whitening",
          "--checkpoint-whitening",
          "--batch");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--backbone",
      paramLabel = "NAME[:OPTION=VALUE:...]",
      defaultValue = DEFAULT_BACKBONE,
      completionCandidates = KnownNames.Backbones.class,
      description = "Network: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String backbone = DEFAULT_BACKBONE;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "Weights of the network, in a form that it reads: .pth, .safetensors, .h5, .onnx, or what"
              + " 'finetune' wrote. torchvision:NAME stands for the file that 'weights NAME'"
              + " brought into the default cache.")
  private @Nullable Path weights;

  @Option(
      names = "--no-strict",
      description =
          "Take weights that lack parameters or have others too; what does not fit is warned"
              + " about.")
  private boolean lenient;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description =
          "A checkpoint of cnnimageretrieval-pytorch or deep-image-retrieval: network, pooling and"
              + " the layer behind it in place of --backbone, --weights, --layer, --preprocessing,"
              + " --seed, --pooling, --p and --scale-exponent.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--checkpoint-whitening",
      paramLabel = "SET",
      description =
          "Apply the whitening of the checkpoint that was fitted on SET, for instance"
              + " retrieval-SfM-120k; the one for one or several scales, as --scales asks.")
  private @Nullable String checkpointWhitening;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "Layer whose output is pooled. Default: the last one.")
  private @Nullable String layer;

  @Option(
      names = "--preprocessing",
      paramLabel = "NAME",
      description =
          "What the network expects: torch, caffe, tf ([-1, 1]) or unit. Default: what its weights"
              + " say or what is usual for the network.")
  private @Nullable String preprocessing;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of random weights, where no --weights are given.")
  private @Nullable Integer seed;

  @Option(
      names = "--pooling",
      paramLabel = "NAME[:OPTION=VALUE:...]",
      defaultValue = DEFAULT_POOLING,
      completionCandidates = KnownNames.Poolings.class,
      description =
          "How the map becomes a vector: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String pooling = DEFAULT_POOLING;

  @Option(
      names = "--p",
      paramLabel = "P",
      description = "Option p of the pooling: its exponent. Default: the pooling's own.")
  private @Nullable Double p;

  @Option(
      names = "--image-size",
      paramLabel = "N",
      description = "Shrink the longer side to N pixels. Default: the image as it is.")
  private @Nullable Integer imageSize;

  @Option(
      names = "--scales",
      paramLabel = "S",
      split = ",",
      description = "Scales whose vectors are averaged, for instance 1,0.7071,0.5. Default: 1.")
  private @Nullable List<Double> scales;

  @Option(
      names = "--scale-exponent",
      paramLabel = "P",
      description = "Exponent of the mean over the scales. Default: 1.")
  private @Nullable Double scaleExponent;

  @Option(
      names = "--whitening",
      paramLabel = "FILE",
      split = ",",
      description =
          "A whitening that 'whiten' wrote, or a projection of 'finetune', applied to each"
              + " descriptor; several one after the other.")
  private @Nullable List<Path> whitening;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images at once; the vectors do not depend on it. Default: ${DEFAULT-VALUE}.")
  private int batch = 8;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the engine. Default: all cores.")
  private @Nullable Integer threads;

  /** An extractor for a command without such options. */
  static ExtractionOptions of(String backbone, int seed, String layer, String pooling) {
    ExtractionOptions options = new ExtractionOptions();
    options.backbone = backbone;
    options.seed = seed;
    options.layer = layer;
    options.pooling = pooling;
    return options;
  }

  /** Opens what the options ask for; a wrong option is wrong usage. */
  DescriptorExtractor open() throws IOException {
    return Usage.of(spec, this::extractor);
  }

  private DescriptorExtractor extractor() throws IOException {
    if (checkpoint != null) {
      return openCheckpoint(checkpoint);
    }
    if (checkpointWhitening != null) {
      throw new IllegalArgumentException("--checkpoint-whitening must go with --checkpoint");
    }
    Pooling pool = Providers.poolings().get(pooling()).create(poolingOptions());
    List<LinearTransform> transforms = files();
    Backbone network = Providers.backbones().get(backbone()).create(backboneOptions());
    try {
      DescriptorExtractor.Builder builder =
          DescriptorExtractor.builder(network, pool, new ImageIoDecoder()).batch(batch);
      if (imageSize != null) {
        builder.imageSize(imageSize);
      }
      if (scales != null) {
        builder.scales(scales);
      }
      if (scaleExponent != null) {
        builder.scaleExponent(scaleExponent);
      }
      transforms.forEach(builder::transform);
      return builder.build();
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Opens the network alone; a wrong option, or one of what follows it, is wrong usage. */
  Backbone openNetwork() throws IOException {
    return Usage.of(spec, this::network);
  }

  private Backbone network() throws IOException {
    refuse(BEHIND_THE_NETWORK, " must not be given: what follows the network is left out");
    if (checkpoint != null) {
      refuse(INSTEAD, BESIDE_CHECKPOINT);
      return RetrievalCheckpoint.read(checkpoint).backbone(threads == null ? 0 : threads, 1);
    }
    return Providers.backbones().get(backbone()).create(backboneOptions());
  }

  private void refuse(List<String> options, String why) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new IllegalArgumentException(option + why);
      }
    }
  }

  private DescriptorExtractor openCheckpoint(Path file) throws IOException {
    refuse(INSTEAD, BESIDE_CHECKPOINT);
    RetrievalCheckpoint read = RetrievalCheckpoint.read(file);
    List<LinearTransform> transforms = files();
    List<LinearMap> whitenings =
        checkpointWhitening == null ? List.of() : List.of(whitening(read, checkpointWhitening));
    Backbone network = read.backbone(threads == null ? 0 : threads, 1);
    try {
      DescriptorExtractor.Builder builder =
          read.extractor(network, whitenings, new ImageIoDecoder()).batch(batch);
      if (imageSize != null) {
        builder.imageSize(imageSize);
      }
      if (scales != null) {
        builder.scales(scales);
      }
      transforms.forEach(builder::transform);
      return builder.build();
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private LinearMap whitening(RetrievalCheckpoint read, String fittedOn) throws IOException {
    return read.whitening(fittedOn, scales != null && scales.size() > 1, 0.25);
  }

  /** The whitenings, for who wants to know what they were fitted on. */
  List<LinearTransform> whitenings() throws IOException {
    List<LinearTransform> transforms = new ArrayList<>();
    if (checkpoint != null && checkpointWhitening != null) {
      transforms.add(
          LinearTransform.of(whitening(RetrievalCheckpoint.read(checkpoint), checkpointWhitening)));
    }
    transforms.addAll(files());
    return transforms;
  }

  private List<LinearTransform> files() throws IOException {
    List<LinearTransform> transforms = new ArrayList<>();
    if (whitening != null) {
      for (Path file : whitening) {
        transforms.add(LinearTransform.read(file));
      }
    }
    return transforms;
  }

  String backbone() {
    return NamedPart.parse("a network", backbone).name();
  }

  String pooling() {
    return NamedPart.parse("a pooling", pooling).name();
  }

  /** The pooling as it was asked for; with the exponent that was given, unless it is another. */
  String poolingText(boolean withExponent) {
    return pooling + (withExponent && p != null ? " --p " + p : "");
  }

  Options poolingOptions() {
    Options options = NamedPart.parse("a pooling", pooling).options();
    return p == null ? options : options.with("p", p.toString());
  }

  /** The longer side of images that are not trained on. */
  int longerSide(int otherwise) {
    return imageSize == null ? otherwise : imageSize;
  }

  /** The options of a network that is trained. */
  Options trainableOptions() {
    return backboneOptions();
  }

  /** Refuses what a training cannot do. */
  void requirePlain() {
    if (checkpoint != null || checkpointWhitening != null) {
      throw new IllegalArgumentException(
          "a training must begin with weights of a network: --checkpoint does not apply");
    }
    if (scales != null || scaleExponent != null || whitening != null) {
      throw new IllegalArgumentException(
          "a training must have one scale and no whitening: --scales, --scale-exponent and"
              + " --whitening do not apply");
    }
  }

  private Options backboneOptions() {
    Options options = NamedPart.parse("a network", backbone).options();
    if (weights != null) {
      options = options.with("weights", weights.toString());
    }
    if (lenient) {
      options = options.with("strict", "false");
    }
    if (layer != null) {
      options = options.with("layer", layer);
    }
    if (preprocessing != null) {
      options = options.with("preprocessing", preprocessing);
    }
    if (seed != null) {
      options = options.with("seed", seed.toString());
    }
    if (threads != null) {
      options = options.with("threads", threads.toString());
    }
    return options;
  }
}
