// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import io.deepretrieval.format.SafetensorsFile.Tensor;
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
  void safetensorsAreWrittenWhole() throws IOException {
    Path file = directory.resolve("weights.safetensors");
    Tensor tensor = new Tensor(List.of(2), new float[] {1, 2});
    SafetensorsFile.write(file, Map.of(), Map.of("a", tensor), true);
    SafetensorsFile.write(file, Map.of(), Map.of("a", tensor));
    WrittenFiles.assertWhole(file);
  }
}
