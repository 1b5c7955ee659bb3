// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SfmDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code finetune} trains and measures on. */
final class TrainingDataOptions {
  @Option(
      names = "--train",
      required = true,
      paramLabel = "DIR|FILE",
      description =
          "One folder a class, a .csv, .tsv or 'path label' list beside its images, a train.csv or"
              + " train_clean.csv of Google Landmarks v2 beside its folder 'train', or a .pkl"
              + " database of retrieval-SfM beside its folder 'ims'.")
  private Path train = Path.of("");

  @Option(
      names = "--validate",
      paramLabel = "DIR|FILE",
      description = "The same for the images to measure on; their classes should not be trained.")
  private @Nullable Path validate;

  @Option(
      names = "--validation-share",
      paramLabel = "S",
      defaultValue = "0",
      description =
          "Instead: measure on that share of the classes of --train, and do not train it.")
  private double validationShare;

  /** The images, and the pairs that a database of retrieval-SfM has. */
  record Data(
      LabeledImages training, Optional<LabeledImages> validation, Optional<SfmDatabase> pairs) {}

  /** The name of what is trained on. */
  String name() {
    return String.valueOf(train.getFileName());
  }

  /** Reads both sets; the seed says which classes are measured on. */
  Data read(int seed) throws IOException {
    Optional<SfmDatabase> pairs = TrainingImages.sfm(train);
    LabeledImages all = pairs.isPresent() ? pairs.get().images() : read(train);
    if (validate != null) {
      return new Data(all, Optional.of(read(validate)), pairs);
    }
    if (validationShare > 0) {
      if (pairs.isPresent()) {
        throw new IllegalArgumentException(
            "--validation-share must not be given with a .pkl database, whose pairs it would cut");
      }
      LabeledImages.Split split = all.splitByClass(validationShare, seed);
      return new Data(split.training(), Optional.of(split.validation()), pairs);
    }
    return new Data(all, Optional.empty(), pairs);
  }

  private static LabeledImages read(Path from) throws IOException {
    return Files.isDirectory(from) ? LabeledImages.ofFolders(from) : TrainingImages.list(from);
  }
}
