// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Pooling;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the weights of a row in a directory and opens them.
 *
 * @param weights the directory; none where there is none
 * @param imageSize longer side of the images
 */
record RowWeights(@Nullable Path weights, int imageSize) {
  private static final List<String> ENDINGS = List.of(".safetensors", ".pth", ".pth.tar", ".pt");

  /** The backbone that opens what a training wrote. */
  private static final String FINE_TUNED = "trained";

  /** Says what was looked for. */
  String absent(ResultTable.Row row) {
    if (weights == null) {
      return "no --weights";
    }
    return "neither "
        + row.id()
        + "/network.safetensors nor "
        + row.id()
        + " with one of "
        + String.join(" ", ENDINGS)
        + (row.file().isEmpty() ? "" : " nor " + row.file() + "*")
        + " in "
        + weights;
  }

  /** A directory that 'finetune' wrote, or a file. */
  Optional<Path> find(String id, String prefix) throws IOException {
    if (weights == null || !Files.isDirectory(weights)) {
      return Optional.empty();
    }
    Path directory = weights.resolve(id);
    if (Files.exists(directory.resolve("network.safetensors"))) {
      return Optional.of(directory);
    }
    for (String ending : ENDINGS) {
      Path file = weights.resolve(id + ending);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    if (prefix.isEmpty()) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(weights)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
          .filter(file -> ENDINGS.stream().anyMatch(file.toString()::endsWith))
          .sorted()
          .findFirst();
    }
  }

  /** Opens them for a row, whose network and pooling they must have. */
  DescriptorExtractor open(ResultTable.Row row, Path file) throws IOException {
    if (!Files.isDirectory(file) && !file.toString().endsWith(".safetensors")) {
      RetrievalCheckpoint checkpoint = RetrievalCheckpoint.read(file);
      requireSame("network", row.network(), checkpoint.architecture(), file);
      requireSame("pooling", row.pooling(), checkpoint.head().pooling(), file);
      return checkpoint.extractor(new ImageIoDecoder()).imageSize(imageSize).build();
    }
    Path directory = Files.isDirectory(file) ? file : Objects.requireNonNull(file.getParent());
    Path projection =
        Files.isDirectory(file)
            ? directory.resolve("projection.transform")
            : directory.resolve(
                String.valueOf(file.getFileName()).replace(".safetensors", ".transform"));
    Pooling pooling = Providers.poolings().get(row.pooling()).create(Options.NONE);
    Backbone backbone =
        Files.isDirectory(file)
            ? Providers.backbones()
                .get(FINE_TUNED)
                .create(
                    Options.NONE.with(
                        "weights", directory.resolve("network.safetensors").toString()))
            : Providers.backbones()
                .get(row.network())
                .create(Options.NONE.with("weights", file.toString()));
    try {
      requireSame("network", row.network(), backbone.spec().name(), file);
      DescriptorExtractor.Builder builder =
          DescriptorExtractor.builder(backbone, pooling, new ImageIoDecoder()).imageSize(imageSize);
      if (Files.exists(projection)) {
        builder.transform(LinearTransform.read(projection));
      }
      return builder.build();
    } catch (IOException | RuntimeException e) {
      backbone.close();
      throw e;
    }
  }

  private static void requireSame(String what, String row, String found, Path file) {
    if (!row.equals(found)) {
      throw new IllegalArgumentException(
          what + " must be " + row + " (the row) but was " + found + " of " + file);
    }
  }
}
