// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import com.google.common.base.Splitter;
import io.deepretrieval.train.TrainingEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The checkpoints of a training: its last state, its first weights and its best ones. */
final class TrainingFiles {
  private final Optional<Path> directory;
  private static final Splitter PARTS = Splitter.on("; ");

  private final String recipe;
  private final int moments;
  private final TrainingState state;
  private final TrainedTensors tensors;
  private final TrainingDiagnostics diagnostics;
  private @Nullable Map<String, float[]> bestArrays;

  TrainingFiles(
      TrainingOptions options,
      String recipe,
      TrainingState state,
      TrainedTensors tensors,
      TrainingDiagnostics diagnostics) {
    this.directory = options.checkpoints;
    this.recipe = recipe;
    this.moments = options.optimizer.moments();
    this.state = state;
    this.tensors = tensors;
    this.diagnostics = diagnostics;
  }

  private Optional<Path> file(String name) {
    return directory.map(folder -> folder.resolve(name));
  }

  /** Writes the state, if the training has checkpoints. */
  void saveLast() {
    file("last.ckpt").ifPresent(file -> save(file, tensors.valuesAndMoments()));
  }

  /** Keeps the weights that a training began with. */
  void keepFirst() {
    keep("first.ckpt");
  }

  /** Keeps the weights as the best. */
  void keepBest() {
    keep("best.ckpt");
  }

  private void keep(String name) {
    Optional<Path> file = file(name);
    Map<String, float[]> arrays = tensors.values();
    // What could not be written is kept in memory, ahead of an older file.
    bestArrays = file.isPresent() && save(file.get(), arrays) ? null : arrays;
  }

  /** Says whether it was written. */
  private boolean save(Path file, Map<String, float[]> arrays) {
    try {
      Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
      state.checkpoint(recipe, arrays).write(file);
      return true;
    } catch (IOException e) {
      diagnostics.say(
          Kind.CHECKPOINT_FAILED,
          state.epoch,
          state.step,
          "a checkpoint could not be written: " + e,
          "make room; what was saved before is intact and the training goes on",
          List.of(file.toString()));
      return false;
    }
  }

  /** Takes the best weights back, unless they are those of the last epoch. */
  void restoreBest() throws IOException {
    if (Double.isNaN(state.best) || state.bestEpoch == state.epoch - 1) {
      return;
    }
    Optional<Path> file = file(state.bestEpoch < 0 ? "first.ckpt" : "best.ckpt");
    if (bestArrays != null) {
      tensors.restoreValues(bestArrays);
    } else if (file.isPresent()) {
      tensors.restoreValues(TrainingCheckpoint.read(file.get()).arrays());
    }
  }

  /** Goes on from the last checkpoint; says whether there is one. */
  boolean resume() throws IOException {
    Optional<Path> file = file("last.ckpt");
    if (file.isEmpty() || !Files.exists(file.get())) {
      return false;
    }
    TrainingCheckpoint last = TrainingCheckpoint.read(file.get());
    if (!last.recipe().equals(recipe)) {
      throw new IOException(
          "checkpoint "
              + file.get()
              + " must be of this training but differs in"
              + differences(last.recipe(), recipe));
    }
    tensors.restoreValues(last.arrays());
    tensors.restoreMoments(last.arrays(), moments);
    state.restore(last);
    return true;
  }

  /** The parts that differ, a line each; all of both if they have not the same number of parts. */
  private static String differences(String before, String now) {
    List<String> were = PARTS.splitToList(before);
    List<String> are = PARTS.splitToList(now);
    if (were.size() != are.size()) {
      return "\n  " + before + "\n  now " + now;
    }
    return IntStream.range(0, are.size())
        .filter(i -> !are.get(i).equals(were.get(i)))
        .mapToObj(i -> "\n  " + were.get(i) + ", now " + are.get(i))
        .collect(Collectors.joining());
  }
}
