// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.format.FileFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads damaged states of a training. Arguments: folder, files for each damage, seed. */
final class TrainingFileFuzz {
  private TrainingFileFuzz() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Path file = directory.resolve("training");
    write(file);
    new FileFuzz(directory)
        .of(
            new FileFuzz.Format("training", Files.readAllBytes(file), TrainingCheckpoint::read),
            Integer.parseInt(args[1]),
            Long.parseLong(args[2]));
    System.out.println("done");
    System.exit(0);
  }

  private static void write(Path file) throws IOException {
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
}
