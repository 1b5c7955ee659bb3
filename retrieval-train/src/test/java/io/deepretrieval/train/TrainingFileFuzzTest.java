// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.testkit.Jvm;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged states of a training, in a Java machine of its own with little memory. */
class TrainingFileFuzzTest {
  private static final int FILES = Integer.getInteger("fuzz.files", 8);
  private static final long SEED = Long.getLong("fuzz.seed", 20261130L);

  @TempDir Path directory;

  @Test
  void damagedFilesGiveAnErrorThatNamesThemOrAreRead() throws Exception {
    assertThat(
            Jvm.of(
                    TrainingFileFuzz.class,
                    directory.toString(),
                    Integer.toString(FILES),
                    Long.toString(SEED))
                .succeed(Duration.ofSeconds(120 + FILES)))
        .endsWith("done\n");
  }
}
