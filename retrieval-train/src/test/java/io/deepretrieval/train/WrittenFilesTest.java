// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.testkit.WrittenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path directory;

  @Test
  void aCheckpointIsWrittenWhole() throws IOException {
    Path file = directory.resolve("last.ckpt");
    TrainingCheckpoint checkpoint =
        new TrainingCheckpoint(
            "recipe",
            1,
            0,
            3,
            new double[2],
            List.of(),
            0.5,
            0,
            List.of(),
            Map.of("w", new float[3]));
    checkpoint.write(file);
    checkpoint.write(file);
    WrittenFiles.assertWhole(file);
  }
}
