// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Pooling;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs the cells of a table for which weights and data are there. */
public final class Experiment {
  /** Data sets that are another one with more images, and may lie in its directory. */
  private static final Map<String, String> ENLARGED =
      Map.of("oxford105k", "oxford5k", "paris106k", "paris6k");

  private static final List<String> ENDINGS = List.of(".safetensors", ".pth", ".pth.tar", ".pt");

  /**
   * One cell.
   *
   * @param ours empty if it could not be computed
   * @param remark what is missing, or what must be known of the value
   * @param failed whether it should have been computed
   */
  public record Cell(
      ResultTable.Row row,
      ResultTable.Column column,
      OptionalDouble ours,
      String remark,
      boolean failed) {}

  private final Terminal terminal;
  private final Path data;
  private final @Nullable Path weights;
  private final @Nullable Path cache;
  private final int imageSize;
  private final Map<String, Object> readDataSets = new HashMap<>();

  public Experiment(
      Terminal terminal, Path data, @Nullable Path weights, @Nullable Path cache, int imageSize) {
    this.terminal = terminal;
    this.data = data;
    this.weights = weights;
    this.cache = cache;
    this.imageSize = imageSize;
  }

  /** All cells of a row in their order; each data set is searched once for all its protocols. */
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
    Optional<Path> own = row.single() ? Optional.empty() : find(row.id() + "@" + dataSet, "");
    Optional<Path> file = own.isPresent() ? own : find(row.id(), row.file());
    Object read = readDataSets.computeIfAbsent(dataSet, this::read);
    List<String> missing = new ArrayList<>();
    if (read instanceof String problem) {
      missing.add("data: " + problem);
    }
    if (file.isEmpty()) {
      missing.add("weights: " + absent(row));
    }
    if (!missing.isEmpty() || !(read instanceof RetrievalDataSet set)) {
      return all(row, columns, String.join("; ", missing), false);
    }
    EvaluationResult result;
    try (DescriptorExtractor extractor = open(row, file.orElseThrow())) {
      if (extractor.dimension() != row.dimension()) {
        throw new IllegalArgumentException(
            "dimension must be "
                + row.dimension()
                + " (the row) but was "
                + extractor.dimension()
                + " of "
                + file.get());
      }
      EvaluationRun run = new EvaluationRun(terminal);
      result = cache == null ? run.run(extractor, set) : run.run(extractor, set, List.of(), cache);
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
    boolean landmarks = DataSets.share(row.training(), "gldv2");
    boolean buildings = DataSets.share(dataSet, "oxford5k") || DataSets.share(dataSet, "paris6k");
    if (DataSets.share(row.training(), dataSet) || (landmarks && buildings)) {
      remarks.add("training and test overlap");
    }
    return remarks;
  }

  /** A data set or what is wrong with it. */
  private Object read(String name) {
    List<Path> places = new ArrayList<>(List.of(data.resolve(name)));
    Optional.ofNullable(ENLARGED.get(name)).ifPresent(base -> places.add(data.resolve(base)));
    Path place = places.stream().filter(Files::isDirectory).findFirst().orElse(places.get(0));
    if (!Files.isDirectory(place)) {
      return "no directory " + place;
    }
    try {
      return DataSets.read(name, place);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String absent(ResultTable.Row row) {
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
  private Optional<Path> find(String id, String prefix) throws IOException {
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

  private DescriptorExtractor open(ResultTable.Row row, Path file) throws IOException {
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
                .get("trained")
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
