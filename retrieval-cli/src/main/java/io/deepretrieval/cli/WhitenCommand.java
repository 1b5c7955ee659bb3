// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.cli.run.ImageFiles;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.pooling.transform.PcaTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code whiten}: images below a directory to a PCA-whitening. */
@Command(
    name = "whiten",
    mixinStandardHelpOptions = true,
    description =
        "Fits a PCA-whitening to the descriptors of the images below a directory and writes it"
            + " for --whitening. Fit it on other images than those that are tested on.")
final class WhitenCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the images, searched with its folders.")
  private Path images = Path.of("");

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The whitening.")
  private Path out = Path.of("");

  @Option(
      names = "--dimension",
      required = true,
      paramLabel = "D",
      description = "Dimensions to keep.")
  private int dimension;

  @Option(
      names = "--power",
      paramLabel = "P",
      defaultValue = "0.5",
      description = "Exponent of the eigenvalues: 0.5 whitens fully. Default: ${DEFAULT-VALUE}.")
  private double power;

  @Option(
      names = "--shrinkage",
      paramLabel = "S",
      defaultValue = "0",
      description = "How far eigenvalues move to their mean, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double shrinkage;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Data set, kept in the recipe. Default: the name of the directory.")
  private String name = "";

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  WhitenCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (DescriptorExtractor extractor = extraction.open()) {
      if (dimension < 1 || dimension > extractor.dimension()) {
        throw new ParameterException(
            spec.commandLine(),
            "--dimension must be in [1, " + extractor.dimension() + "] but was " + dimension);
      }
      PcaTrainer trainer = new PcaTrainer(extractor.dimension());
      ExtractionReport report =
          new BulkRun(terminal)
              .run(
                  extractor,
                  ImageFiles.below(images),
                  (item, descriptor) -> trainer.add(descriptor));
      if (report.extracted() < 2) {
        throw new IOException(
            "a whitening needs at least 2 images but only "
                + report.extracted()
                + " could be described");
      }
      String dataSet = name.isEmpty() ? String.valueOf(images.toRealPath().getFileName()) : name;
      LinearTransform whitening = fit(trainer, dataSet);
      whitening.write(out);
      terminal.print("%s in %s; %d skipped", whitening.recipe(), out, report.failures().size());
      return 0;
    }
  }

  private LinearTransform fit(PcaTrainer trainer, String dataSet) {
    return Usage.of(spec, () -> trainer.fit(dataSet).whitening(dimension, power, shrinkage));
  }
}
