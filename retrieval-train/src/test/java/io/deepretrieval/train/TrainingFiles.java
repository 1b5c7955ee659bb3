// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The state of a training, for tests of files of all kinds. */
public final class TrainingFiles {
  private TrainingFiles() {}

  /** Writes a small one. */
  public static void write(Path file) throws IOException {
    new TrainingCheckpoint(
            "backbone=x; seed=1",
            3,
            17,
            400,
            new double[] {1, 2, Double.NaN},
            List.of(new EpochReport(0, 0.5, 10, 20, 1.5, 1e-3, 0.8, Double.NaN, 0.25)),
            0.25,
            0,
            List.of(new int[] {4, 2}, new int[] {7}),
            Map.of("backbone.c1.weight", new float[300]))
        .write(file);
  }

  /** Reads one. */
  public static void read(Path file) throws IOException {
    TrainingCheckpoint.read(file);
  }
}
