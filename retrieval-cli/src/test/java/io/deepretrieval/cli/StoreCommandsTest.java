// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.index.DescriptorStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandsTest {
  @TempDir Path store;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void fill() throws IOException {
    try (DescriptorStore writer =
        DescriptorStore.create(store, Recipe.NONE, Similarity.COSINE, 2)) {
      writer.add("a", Descriptor.copyOf(1, 0));
      writer.add("b", Descriptor.copyOf(0, 1));
      writer.commit();
      writer.add("c", Descriptor.copyOf(2, 0.01f));
      writer.add("d", Descriptor.copyOf(-1, 0));
      writer.remove("b");
      writer.commit();
    }
  }

  private int run(String... arguments) {
    return CommandLines.create(new PrintWriter(out, true), new PrintWriter(err, true), false)
        .execute(arguments);
  }

  @Test
  void verifyCountsAndNamesDamage() throws IOException {
    String s = store.toString();
    assertThat(run("store", "verify", "--store", s)).isZero();
    assertThat(out.toString())
        .startsWith(s + ": 3 descriptors, 1 removed, 2 segments, ")
        .endsWith("bytes; sound\n");
    Path file = store.resolve("segment-000001.rows");
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    assertThat(run("store", "verify", "--store", s)).isEqualTo(1);
    assertThat(out.toString()).contains("store file " + file + " is damaged at byte 0: ");
    assertThat(run("store")).isEqualTo(2);
    assertThat(err.toString()).contains("a command must be given: verify or compact");
  }

  @Test
  void compactLeavesOneSegment() throws IOException {
    assertThat(run("store", "compact", "--store", store.toString())).isZero();
    assertThat(out.toString()).startsWith(store + ": 3 descriptors, ").contains("bytes freed");
    assertThat(DescriptorStore.verify(store).segments()).isEqualTo(1);
  }

  @Test
  void duplicatesArePrintedInGroups() {
    assertThat(run("duplicates", "--store", store.toString(), "--threads", "1")).isZero();
    assertThat(out.toString()).isEqualTo("a\nc\n");
  }
}
