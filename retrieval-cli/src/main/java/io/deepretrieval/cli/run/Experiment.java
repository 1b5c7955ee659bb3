// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Runs the cells of a table of published results for which weights and data are there. Each data
 * set is read once. For one thread.
 */
public final class Experiment {
  private final Path data;
  private final RowWeights weights;
  private final @Nullable Path cache;
  private final RunListener listener;
  private final Map<String, Found> read = new HashMap<>();

  private Experiment(Builder builder) {
    data = builder.data;
    weights = new RowWeights(builder.weights, builder.imageSize);
    cache = builder.cache;
    listener = builder.listener;
  }

  /**
   * One cell.
   *
   * @param row the row of the table
   * @param column the column of the table
   * @param ours the value; empty if it could not be computed
   * @param remark what is missing, or what must be known of the value; may be empty
   * @param failed whether it should have been computed
   */
  public record Cell(
      ResultTable.Row row,
      ResultTable.Column column,
      OptionalDouble ours,
      String remark,
      boolean failed) {
    /**
     * Returns the published value.
     *
     * @return mean average precision; 0 if the row has none in the column
     */
    public double published() {
      return row.published().getOrDefault(column, 0.0);
    }
  }

  /**
   * Starts an experiment.
   *
   * @param data directory of the data sets, each in one of its name
   * @return a builder
   */
  public static Builder builder(Path data) {
    return new Builder(data);
  }

  /**
   * Computes all cells of a row; each data set is searched once for all its protocols.
   *
   * @param row the row
   * @return its cells in their order, those that could not be computed too
   * @throws IOException if the directory of the weights cannot be read
   */
  public List<Cell> run(ResultTable.Row row) throws IOException {
    Map<String, List<ResultTable.Column>> byDataSet = new LinkedHashMap<>();
    row.published()
        .keySet()
        .forEach(
            column ->
                byDataSet.computeIfAbsent(column.dataSet(), d -> new ArrayList<>()).add(column));
    List<Cell> cells = new ArrayList<>();
    for (Map.Entry<String, List<ResultTable.Column>> entry : byDataSet.entrySet()) {
      cells.addAll(run(row, entry.getKey(), entry.getValue()));
    }
    return cells;
  }

  private List<Cell> run(ResultTable.Row row, String dataSet, List<ResultTable.Column> columns)
      throws IOException {
    Optional<Path> own =
        row.single() ? Optional.empty() : weights.find(row.id() + "@" + dataSet, "");
    Optional<Path> file = own.isPresent() ? own : weights.find(row.id(), row.file());
    Found found = found(dataSet);
    List<String> missing = new ArrayList<>();
    found.problem.ifPresent(problem -> missing.add("data: " + problem));
    if (file.isEmpty()) {
      missing.add("weights: " + weights.absent(row));
    }
    if (!missing.isEmpty()) {
      return all(row, columns, String.join("; ", missing), false);
    }
    EvaluationResult result;
    try (DescriptorExtractor extractor = weights.open(row, file.orElseThrow())) {
      if (extractor.dimension() != row.dimension()) {
        throw new IllegalArgumentException(
            "dimension must be "
                + row.dimension()
                + " (the row) but was "
                + extractor.dimension()
                + " of "
                + file.get());
      }
      EvaluationRun.Builder evaluation =
          EvaluationRun.builder(extractor, found.data.orElseThrow()).listener(listener);
      if (cache != null) {
        evaluation.cache(cache);
      }
      result = evaluation.build().run().result();
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return all(row, columns, "failed: " + e.getMessage(), true);
    }
    List<Cell> cells = new ArrayList<>();
    for (ResultTable.Column column : columns) {
      ProtocolResult protocol =
          column.protocol().isEmpty()
              ? result.protocols().get(0)
              : result.protocol(column.protocol());
      double score = protocol.score(protocol.metrics().get(0));
      List<String> remarks = remarks(row, dataSet, own.isPresent());
      if (!result.failures().isEmpty()) {
        remarks.add(result.failures().size() + " images skipped");
      }
      cells.add(new Cell(row, column, OptionalDouble.of(score), String.join("; ", remarks), false));
    }
    return cells;
  }

  private static List<Cell> all(
      ResultTable.Row row, List<ResultTable.Column> columns, String remark, boolean failed) {
    return columns.stream()
        .map(column -> new Cell(row, column, OptionalDouble.empty(), remark, failed))
        .toList();
  }

  private static List<String> remarks(ResultTable.Row row, String dataSet, boolean own) {
    List<String> remarks = new ArrayList<>();
    if (own) {
      remarks.add("a checkpoint of this column");
    } else if (!row.single()) {
      remarks.add("the one checkpoint of the row");
    }
    if (DataSets.providers().get(dataSet).overlaps(row.training())) {
      remarks.add("training and test overlap");
    }
    return remarks;
  }

  private record Found(Optional<RetrievalDataSet> data, Optional<String> problem) {
    static Found not(String problem) {
      return new Found(Optional.empty(), Optional.of(problem));
    }
  }

  private Found found(String name) {
    Found known = read.get(name);
    if (known == null) {
      known = read(name);
      read.put(name, known);
    }
    return known;
  }

  private Found read(String name) {
    List<Path> candidates = new ArrayList<>(List.of(data.resolve(name)));
    DataSets.providers().get(name).base().ifPresent(base -> candidates.add(data.resolve(base)));
    Path root =
        candidates.stream().filter(Files::isDirectory).findFirst().orElse(candidates.get(0));
    if (!Files.isDirectory(root)) {
      return Found.not("no directory " + root);
    }
    try {
      return new Found(Optional.of(DataSets.read(name, root)), Optional.empty());
    } catch (IOException e) {
      return Found.not(String.valueOf(e.getMessage()));
    }
  }

  /** Options of an experiment. For one thread; builds any number of times. */
  public static final class Builder {
    private static final int USUAL_SIZE = 1024;

    private final Path data;
    private @Nullable Path weights;
    private @Nullable Path cache;
    private int imageSize = USUAL_SIZE;
    private RunListener listener = RunListener.NONE;

    private Builder(Path data) {
      this.data = Objects.requireNonNull(data, "data");
    }

    /**
     * Sets where the weights are: of a row {@code DIR/ID} as a training wrote it, or {@code
     * DIR/ID.safetensors}, {@code .pth} or {@code .pt}; {@code DIR/ID@NAME} for one data set of a
     * row that has no single checkpoint. By default there are none.
     *
     * @param directory the directory
     * @return this builder
     */
    public Builder weights(Path directory) {
      weights = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Keeps the vectors. By default nothing is kept.
     *
     * @param directory made if it is not there
     * @return this builder
     */
    public Builder cache(Path directory) {
      cache = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Shrinks larger images.
     *
     * @param longerSide pixels, at least 1; 1024 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder imageSize(int longerSide) {
      if (longerSide < 1) {
        throw new IllegalArgumentException("image size must be at least 1 but was " + longerSide);
      }
      imageSize = longerSide;
      return this;
    }

    /**
     * Sets who learns of progress. By default nobody does.
     *
     * @param progress called on the thread of the run
     * @return this builder
     */
    public Builder listener(RunListener progress) {
      listener = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Makes the experiment.
     *
     * @return an experiment
     */
    public Experiment build() {
      return new Experiment(this);
    }
  }
}
