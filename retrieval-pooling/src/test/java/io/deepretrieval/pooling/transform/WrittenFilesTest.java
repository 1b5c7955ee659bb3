// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import io.deepretrieval.testkit.WrittenFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path directory;

  @Test
  void transformsAreWrittenWhole() throws IOException {
    Path file = directory.resolve("layer.transform");
    LinearTransform transform =
        LinearTransform.affine("layer", "none", new float[] {2, 0}, new float[] {6});
    transform.write(file);
    transform.write(file);
    WrittenFiles.assertWhole(file);
  }
}
