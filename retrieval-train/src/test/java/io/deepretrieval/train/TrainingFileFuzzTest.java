// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged states of a training, in a Java machine of its own with little memory. */
class TrainingFileFuzzTest {
  private static final int FILES = Integer.getInteger("fuzz.files", 8);
  private static final long SEED = Long.getLong("fuzz.seed", 20261130L);

  @TempDir Path directory;

  @Test
  void damagedFilesGiveAnErrorThatNamesThemOrAreRead() throws Exception {
    Path log = directory.resolve("log");
    Process child =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    TrainingFileFuzz.class.getName(),
                    directory.toString(),
                    Integer.toString(FILES),
                    Long.toString(SEED)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = child.waitFor(120 + FILES, TimeUnit.SECONDS);
    if (!ended) {
      child.destroyForcibly().waitFor();
    }
    String text = Files.readString(log);
    assertThat(ended).as(text).isTrue();
    assertThat(child.exitValue()).as(text).isZero();
    assertThat(text).endsWith("done\n");
  }
}
