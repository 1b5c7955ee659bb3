// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepretrieval.testkit.Jvm;
import io.deepretrieval.testkit.SharedFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged files of every format, in a Java machine of its own with little memory, which a crash of
 * native code or a length that is believed would end.
 *
 * <p>{@code -Dfuzz.files=5000} reads so many files for each format and damage, large ones too;
 * {@code -Dfuzz.seed=1} makes others.
 */
class CheckpointFuzzTest {
  private static final int FILES = Integer.getInteger("fuzz.files", 8);
  private static final long SEED = Long.getLong("fuzz.seed", 20261130L);

  @TempDir Path directory;

  private void fuzz(List<String> keras) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(directory.toString(), Integer.toString(FILES), Long.toString(SEED)));
    arguments.addAll(keras);
    assertThat(
            Jvm.of(CheckpointFuzz.class, arguments.toArray(String[]::new))
                .succeed(Duration.ofSeconds(120 + FILES)))
        .endsWith("done\n");
  }

  @Test
  void damagedFilesGiveAnErrorThatNamesThemOrAreRead() throws Exception {
    fuzz(List.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenet_v2_notop.h5", "inception_v3_mixed7.h5"})
  void soDoLargeOnes(String name) throws Exception {
    assumeTrue(
        System.getProperty("fuzz.files") != null, "skipped: takes a minute; -Dfuzz.files=200");
    fuzz(List.of(SharedFiles.require("weights/" + name).toString()));
  }
}
