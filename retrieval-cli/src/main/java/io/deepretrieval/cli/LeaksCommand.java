// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.cli.run.ImageFiles;
import io.deepretrieval.cli.run.LeakCheck;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SfmDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code leaks}: images of a test that a training has seen, or nearly. */
@Command(
    name = "leaks",
    mixinStandardHelpOptions = true,
    description = {
      "Lists near duplicates between training images and the queries and database of a data set,"
          + " and between queries and the images of the database that the ground truth does not"
          + " judge: score, kinds and both images, separated by tabs.",
      "Exit code 3 if there is one, 0 if there is none."
    })
final class LeaksCommand implements Callable<Integer> {
  /** Tells what was found from a failure. */
  static final int FOUND = 3;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--train",
      paramLabel = "DIR|FILE",
      description =
          "Training images: all below a directory, a .csv, .tsv or 'path label' list beside its"
              + " images, a train.csv or train_clean.csv of Google Landmarks v2 beside its folder"
              + " 'train', or a .pkl database of retrieval-SfM beside its folder 'ims'. Without it"
              + " only queries and database are compared.")
  private @Nullable Path train;

  @Mixin private DataSetOptions dataSet = new DataSetOptions();

  @Option(
      names = "--threshold",
      paramLabel = "SCORE",
      defaultValue = "0.95",
      description = "Least cosine of a pair. Default: ${DEFAULT-VALUE}.")
  private float threshold = 0.95f;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Keep the vectors there, for 'evaluate' too, and describe no image twice.")
  private @Nullable Path cache;

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  LeaksCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (!(threshold > -1 && threshold <= 1)) {
      throw new ParameterException(
          spec.commandLine(), "--threshold must be in (-1, 1] but was " + threshold);
    }
    RetrievalDataSet data = dataSet.read(spec);
    List<DataSetImage> training = train == null ? List.of() : training(train);
    List<LeakCheck.Pair> pairs;
    try (DescriptorExtractor extractor = extraction.open()) {
      pairs = check(extractor, data, training);
    }
    for (LeakCheck.Pair pair : pairs) {
      terminal.print("%.4f\t%s\t%s", pair.score(), pair.first(), pair.second());
    }
    terminal.print(
        "%d pairs of %s or more: %d of training and database, %d of training and query, %d of query"
            + " and unjudged database",
        pairs.size(),
        threshold,
        count(pairs, LeakCheck.Role.TRAIN, LeakCheck.Role.DATABASE),
        count(pairs, LeakCheck.Role.TRAIN, LeakCheck.Role.QUERY),
        count(pairs, LeakCheck.Role.QUERY, LeakCheck.Role.DATABASE));
    return pairs.isEmpty() ? 0 : FOUND;
  }

  private List<LeakCheck.Pair> check(
      DescriptorExtractor extractor, RetrievalDataSet data, List<DataSetImage> training)
      throws IOException {
    try (TerminalListener listener = new TerminalListener(terminal)) {
      LeakCheck.Builder check =
          LeakCheck.builder(extractor, data)
              .training(training)
              .threshold(threshold)
              .listener(listener);
      if (cache != null) {
        check.cache(cache);
      }
      return check.build().run();
    }
  }

  private static long count(
      List<LeakCheck.Pair> pairs, LeakCheck.Role first, LeakCheck.Role second) {
    return pairs.stream().filter(pair -> pair.joins(first, second)).count();
  }

  /** Images by their paths. */
  private static List<DataSetImage> training(Path from) throws IOException {
    if (Files.isDirectory(from)) {
      return ImageFiles.below(from).stream()
          .map(item -> new DataSetImage(item.id(), Path.of(item.source().name())))
          .toList();
    }
    Optional<SfmDatabase> sfm = TrainingImages.sfm(from);
    LabeledImages images = sfm.isPresent() ? sfm.get().images() : TrainingImages.list(from);
    List<DataSetImage> all = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      String name = images.source(i).name();
      all.add(new DataSetImage(name, Path.of(name)));
    }
    return all;
  }
}
