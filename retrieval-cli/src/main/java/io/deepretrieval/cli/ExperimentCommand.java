// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.cli.run.Experiment;
import io.deepretrieval.cli.run.ResultTable;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code experiment}: a table of published results, computed. */
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    description = {
      "Computes the cells of a table of published results for which data and weights are there,"
          + " prints them beside the published values, and says what the others lack.",
      "Data: ROOT/NAME of each data set. Weights of a row: DIR/ID, as 'finetune --out' writes it,"
          + " or DIR/ID.safetensors, .pth or .pt; a row of the kind 'best' may have DIR/ID@NAME for"
          + " a data set. By default one checkpoint serves all columns of a row.",
      "Exit code 1 if a cell has data and weights and fails."
    })
final class ExperimentCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--table",
      paramLabel = "seed|FILE.csv",
      defaultValue = ResultTable.SEED,
      description = "Which table. Default: ${DEFAULT-VALUE}.")
  private String table = ResultTable.SEED;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "ROOT",
      description = "Directory of the data sets, each in one of its name.")
  private Path data = Path.of("");

  @Option(names = "--weights", paramLabel = "DIR", description = "Directory of the weights.")
  private @Nullable Path weights;

  @Option(
      names = "--rows",
      paramLabel = "ID",
      split = ",",
      description = "Only these rows. Default: all.")
  private List<String> rows = List.of();

  @Option(
      names = "--image-size",
      paramLabel = "N",
      defaultValue = "1024",
      description =
          "Shrink the longer side to N pixels; the seed does not say what it did. Default:"
              + " ${DEFAULT-VALUE}.")
  private int imageSize = 1024;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Keep the vectors there and describe no image twice.")
  private @Nullable Path cache;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the cells as a table too.")
  private @Nullable Path csv;

  ExperimentCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (imageSize < 1) {
      throw new ParameterException(
          spec.commandLine(), "--image-size must be at least 1 but was " + imageSize);
    }
    ResultTable read = ResultTable.read(table);
    List<String> known = read.rows().stream().map(ResultTable.Row::id).toList();
    for (String row : rows) {
      if (!known.contains(row)) {
        throw new ParameterException(
            spec.commandLine(), "unknown row '" + row + "'; known: " + String.join(", ", known));
      }
    }
    for (Path directory : weights == null ? List.of(data) : List.of(data, weights)) {
      if (!Files.isDirectory(directory)) {
        throw new NotDirectoryException(directory.toString());
      }
    }
    List<Experiment.Cell> cells = run(read);
    long computed = cells.stream().filter(cell -> cell.ours().isPresent()).count();
    long failed = cells.stream().filter(Experiment.Cell::failed).count();
    terminal.print(
        "%d of %d cells computed, %d lack data or weights, %d failed",
        computed, cells.size(), cells.size() - computed - failed, failed);
    if (csv != null) {
      write(cells, csv);
    }
    return failed == 0 ? 0 : 1;
  }

  private List<Experiment.Cell> run(ResultTable read) throws IOException {
    List<Experiment.Cell> cells = new ArrayList<>();
    try (TerminalListener listener = new TerminalListener(terminal)) {
      Experiment.Builder options = Experiment.builder(data).imageSize(imageSize).listener(listener);
      if (weights != null) {
        options.weights(weights);
      }
      if (cache != null) {
        options.cache(cache);
      }
      Experiment experiment = options.build();
      for (ResultTable.Row row : read.rows()) {
        if (rows.isEmpty() || rows.contains(row.id())) {
          List<Experiment.Cell> own = experiment.run(row);
          listener.endLine();
          print(row, own);
          cells.addAll(own);
        }
      }
    }
    return cells;
  }

  private void print(ResultTable.Row row, List<Experiment.Cell> cells) {
    terminal.print(
        "%s: %s, %s, %d dimensions, loss %s, trained on %s; %s",
        row.id(),
        row.network(),
        row.pooling(),
        row.dimension(),
        row.loss(),
        row.training(),
        row.single() ? "one checkpoint" : "the best checkpoint of each column");
    terminal.print("  source: %s", row.source());
    if (!row.note().isEmpty()) {
      terminal.print("  note: %s", row.note());
    }
    for (Experiment.Cell cell : cells) {
      double published = cell.published();
      String ours =
          cell.ours().isPresent()
              ? String.format(
                  Locale.ROOT,
                  "ours %.4f (%+.4f)",
                  cell.ours().getAsDouble(),
                  cell.ours().getAsDouble() - published)
              : cell.failed() ? "ours -" : "ours - missing";
      terminal.print(
          "  %-17s published %.4f  %s%s",
          cell.column(), published, ours, cell.remark().isEmpty() ? "" : "  " + cell.remark());
    }
  }

  private static void write(List<Experiment.Cell> cells, Path file) throws IOException {
    CSVFormat format =
        CSVFormat.DEFAULT
            .builder()
            .setHeader("row", "column", "published", "ours", "remark", "source")
            .setRecordSeparator("\n")
            .get();
    AtomicFiles.writeText(
        file,
        out -> {
          CSVPrinter printer = new CSVPrinter(out, format);
          for (Experiment.Cell cell : cells) {
            printer.printRecord(
                cell.row().id(),
                cell.column(),
                cell.published(),
                cell.ours().isPresent() ? cell.ours().getAsDouble() : "",
                cell.remark(),
                cell.row().source());
          }
        });
  }
}
