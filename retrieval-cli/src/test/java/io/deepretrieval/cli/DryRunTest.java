// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DryRunTest {
  @TempDir Path temp;
  private Path root = Path.of("");

  @BeforeEach
  void draw() throws IOException {
    root = temp.resolve("data");
    Drawn.groups(root, 12, 24);
    Drawn.image(root.resolve("jpg/p7.png"), 7, 60);
  }

  private Lines dryRun(String... more) {
    return Lines.of(
        Lines.with(
            more,
            "evaluate",
            "--dry-run",
            "--dataset",
            "groups",
            "--root",
            root.toString(),
            "--backbone",
            "patch"));
  }

  @Test
  void aWholeDataSetIsWhatItCosts() {
    Lines lines = dryRun();
    assertThat(lines.code()).as(lines.err()).isZero();
    assertThat(lines.out())
        .startsWith("groups: 3 queries, 12 database images\n0 missing, 0 unreadable, 0 surplus\n")
        .contains("largest image: 60x60, 0.0 MB decoded, " + root.resolve("jpg/p7.png"))
        .contains("memory beside the network: vectors 0.0 MB on the heap, names 0.0 MB, a decoded")
        .containsPattern("to describe: 12 of 12, 0\\.\\d{3} s each, \\d+ s altogether\n$")
        .doesNotContain("mAP");
  }

  @Test
  void whatIsMissingUnreadableAndSurplusIsListed() throws IOException {
    Files.delete(root.resolve("jpg/p2.png"));
    Files.delete(root.resolve("jpg/p9.png"));
    byte[] whole = Files.readAllBytes(root.resolve("jpg/p3.png"));
    Files.write(root.resolve("jpg/p3.png"), Arrays.copyOf(whole, whole.length - 20));
    Files.writeString(root.resolve("jpg/p4.png"), "no image");
    Drawn.image(root.resolve("jpg/extra.png"), 1, 8);
    Lines lines = dryRun("--cache", temp.resolve("cache").toString());
    assertThat(lines.code()).isEqualTo(1);
    assertThat(lines.out().lines().filter(line -> line.startsWith("missing: ")))
        .hasSize(2)
        .anyMatch(line -> line.contains("list.tsv:4: image 'p2' is missing: "))
        .anyMatch(line -> line.contains("list.tsv:11: image 'p9' is missing: "));
    assertThat(lines.out().lines().filter(line -> line.startsWith("unreadable: ")))
        .hasSize(2)
        .anyMatch(line -> line.contains("p3.png"))
        .anyMatch(line -> line.contains("p4.png"));
    assertThat(lines.out())
        .contains(
            "surplus: " + root.resolve("jpg/extra.png") + "\n",
            "2 missing, 2 unreadable, 1 surplus\n",
            "on disk, mapped",
            "to describe: 8 of 8, ");
    assertThat(temp.resolve("cache")).doesNotExist();
  }

  @Test
  void whatTheCacheHasIsNotDescribedAgain() {
    String cache = temp.resolve("cache").toString();
    Lines run =
        Lines.of(
            "evaluate",
            "--dataset",
            "groups",
            "--root",
            root.toString(),
            "--backbone",
            "patch",
            "--cache",
            cache);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(dryRun("--cache", cache).out())
        .contains("to describe: 0 of 12, 0.000 s each, 0 s altogether");
  }

  @Test
  void nothingThereIsNothingToMeasure() throws IOException {
    for (int i = 0; i < 12; i++) {
      Files.delete(root.resolve("jpg/p" + i + ".png"));
    }
    Lines lines = dryRun();
    assertThat(lines.code()).isEqualTo(1);
    assertThat(lines.out()).endsWith("12 missing, 0 unreadable, 0 surplus\n");
  }
}
