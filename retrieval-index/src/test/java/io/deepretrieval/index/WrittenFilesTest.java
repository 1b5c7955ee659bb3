// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.WrittenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path directory;

  @Test
  void matricesAreWrittenWhole() throws IOException {
    for (int i = 0; i < 2; i++) {
      try (NumpyFiles.Writer numpy = NumpyFiles.writer(directory.resolve("a.npy"), 2);
          FvecsFiles.Writer fvecs = FvecsFiles.writer(directory.resolve("a.fvecs"), 2)) {
        numpy.write(new float[2]);
        numpy.finish();
        fvecs.write(new float[2]);
        fvecs.finish();
      }
    }
    WrittenFiles.assertWhole(directory.resolve("a.npy"));
    WrittenFiles.assertWhole(directory.resolve("a.fvecs"));
  }

  @Test
  void whatIsNotFinishedLeavesTheOldMatrix() throws IOException {
    Path npy = Files.writeString(directory.resolve("a.npy"), "old");
    Path fvecs = Files.writeString(directory.resolve("a.fvecs"), "old");
    try (NumpyFiles.Writer first = NumpyFiles.writer(npy, 2);
        FvecsFiles.Writer second = FvecsFiles.writer(fvecs, 2)) {
      first.write(new float[2]);
      second.write(new float[2]);
    }
    assertThat(npy).hasContent("old");
    assertThat(fvecs).hasContent("old");
    WrittenFiles.assertWhole(npy);
  }

  @Test
  void aStoreAndItsExchangeAreWrittenWhole() throws IOException {
    Path store = directory.resolve("store");
    try (DescriptorStore writer =
        DescriptorStore.create(store, Recipe.NONE, Similarity.COSINE, 2)) {
      writer.add("a", Descriptor.copyOf(1, 0));
      writer.commit();
    }
    WrittenFiles.assertWhole(store.resolve("manifest"));
    WrittenFiles.assertWhole(store.resolve("segment-000001.rows"));
    try (StoreReader reader = StoreReader.open(store, 1)) {
      StoreExchange.write(reader, directory.resolve("b.npy"));
    }
    WrittenFiles.assertWhole(directory.resolve("b.npy"));
    WrittenFiles.assertWhole(directory.resolve("b.txt"));
  }
}
