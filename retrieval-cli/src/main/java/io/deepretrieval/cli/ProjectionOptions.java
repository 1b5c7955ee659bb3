// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.pooling.transform.PcaTrainer;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.ProjectionHead;
import io.deepretrieval.train.data.LabeledImages;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The linear layer that {@code finetune} may put behind the pooling. */
final class ProjectionOptions {
  @Option(
      names = "--projection",
      paramLabel = "D",
      description = "Put a linear layer to D dimensions behind the pooling.")
  private @Nullable Integer dimension;

  @Option(
      names = "--projection-from",
      paramLabel = "random|whitening",
      defaultValue = "whitening",
      description =
          "How it begins: drawn, or as a PCA-whitening of the training images. Default:"
              + " ${DEFAULT-VALUE}.")
  private String from = "whitening";

  @Option(
      names = "--projection-length",
      paramLabel = "L",
      description =
          "Scale a whitening so that embeddings are so long on average. Default: what the loss"
              + " begins best with, if their length matters to it.")
  private @Nullable Double length;

  @Option(
      names = "--projection-rate",
      paramLabel = "F",
      defaultValue = "1",
      description = "Its learning rate, as a factor. Default: ${DEFAULT-VALUE}.")
  private double rate = 1;

  /** The dimension of the embeddings behind a pooling of some dimension. */
  int dimension(int pooled) {
    return dimension == null ? pooled : dimension;
  }

  /**
   * Adds the layer, if one is asked for. A whitening needs a descriptor of each image first.
   *
   * @param imageSize longer side of the images of the whitening
   * @param initialLength of embeddings that the loss begins best with
   */
  void apply(
      FineTuner.Builder builder,
      TrainableBackbone backbone,
      DifferentiablePooling pooling,
      LabeledImages images,
      int imageSize,
      int seed,
      OptionalDouble initialLength,
      Terminal terminal)
      throws IOException {
    if (dimension == null) {
      return;
    }
    int inputs = pooling.dimension(backbone.spec().output().channels());
    ProjectionHead head =
        switch (from) {
          case "random" -> ProjectionHead.random(inputs, dimension, seed);
          case "whitening" -> {
            // The extractor would close the backbone, which is still needed.
            DescriptorExtractor extractor =
                DescriptorExtractor.builder(backbone, pooling, new ImageIoDecoder())
                    .imageSize(imageSize)
                    .build();
            yield whitening(extractor, inputs, dimension, images, initialLength, terminal);
          }
          default ->
              throw new IllegalArgumentException(
                  "--projection-from must be random or whitening but was '" + from + "'");
        };
    builder.projection(head, rate);
  }

  private ProjectionHead whitening(
      DescriptorExtractor extractor,
      int inputs,
      int outputs,
      LabeledImages images,
      OptionalDouble initialLength,
      Terminal terminal)
      throws IOException {
    PcaTrainer trainer = new PcaTrainer(inputs);
    List<ExtractionItem> items =
        IntStream.range(0, images.size())
            .mapToObj(i -> ExtractionItem.of("" + i, images.source(i)))
            .toList();
    new BulkRun(terminal).run(extractor, items, (item, d) -> trainer.add(d));
    LinearTransform whitening = trainer.fit("training").whitening(outputs);
    ProjectionHead head = ProjectionHead.of(whitening.matrix(), whitening.constant());
    OptionalDouble wanted = length != null ? OptionalDouble.of(length) : initialLength;
    // Whitened vectors have variance 1 in each dimension.
    return wanted.isPresent() ? head.scaledBy(wanted.getAsDouble() / Math.sqrt(outputs)) : head;
  }
}
