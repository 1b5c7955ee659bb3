// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.testkit.WrittenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path directory;

  @Test
  void anExportIsWrittenWhole() throws IOException {
    Path file = directory.resolve("net.onnx");
    OnnxMetadata metadata = new OnnxMetadata("net", "out", 2, Preprocessing.TORCH);
    OnnxExport.write(file, List.of(), metadata);
    OnnxExport.write(file, List.of(), metadata);
    WrittenFiles.assertWhole(file);
  }
}
