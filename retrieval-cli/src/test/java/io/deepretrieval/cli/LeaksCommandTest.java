// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaksCommandTest {
  private static final String ALMOST = "0.9999";

  @TempDir Path temp;
  private Path root = Path.of("");
  private Path train = Path.of("");

  /** Two queries that are not in the database, six images that are, and a training of six. */
  @BeforeEach
  void draw() throws IOException {
    root = temp.resolve("data");
    train = temp.resolve("train");
    StringBuilder list = new StringBuilder("image\tgroup\trole\n");
    for (int i = 0; i < 8; i++) {
      Drawn.image(root.resolve("jpg/p" + i + ".png"), 100L + i, 32);
      list.append("p" + i + "\tg" + i % 2 + "\t" + (i < 2 ? "query" : "database") + "\n");
    }
    Files.writeString(root.resolve("list.tsv"), list);
    for (int i = 0; i < 6; i++) {
      Drawn.image(train.resolve("c" + i % 2 + "/t" + i + ".png"), 200L + i, 32);
    }
  }

  private Lines leaks(String... more) {
    return Lines.of(
        Lines.with(
            more,
            "leaks",
            "--dataset",
            "groups",
            "--root",
            root.toString(),
            "--backbone",
            "resnet18",
            "--seed",
            "3",
            "--layer",
            "layer2",
            "--pooling",
            "spoc",
            "--threshold",
            ALMOST));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void noNearDuplicateIsCodeZero() {
    Lines lines = leaks("--train", train.toString());
    assertThat(lines.code()).as(lines.err() + lines.out()).isZero();
    assertThat(lines.out())
        .isEqualTo(
            "0 pairs of 0.9999 or more: 0 of training and database, 0 of training and query, 0 of"
                + " query and unjudged database\n");
  }

  @Test
  void copiesInTheTrainingAreListedWithTheirScores() throws IOException {
    copy(root.resolve("jpg/p5.png"), train.resolve("c0/t0.png"));
    copy(root.resolve("jpg/p1.png"), train.resolve("c1/t3.png"));
    for (List<String> cache :
        List.of(List.<String>of(), List.of("--cache", temp.resolve("cache").toString()))) {
      Lines lines = leaks(Lines.with(cache.toArray(String[]::new), "--train", train.toString()));
      assertThat(lines.code()).as(lines.err()).isEqualTo(LeaksCommand.FOUND);
      assertThat(lines.out().lines())
          .containsExactlyInAnyOrder(
              "1.0000\ttrain/c0/t0.png\tdatabase/p5",
              "1.0000\ttrain/c1/t3.png\tquery/p1",
              "2 pairs of 0.9999 or more: 1 of training and database, 1 of training and query, 0 of"
                  + " query and unjudged database");
    }
  }

  @Test
  void aQueryNearAnUnjudgedImageIsListedAndOneNearItsAnswerIsNot() throws IOException {
    copy(root.resolve("jpg/p0.png"), root.resolve("jpg/p3.png"));
    copy(root.resolve("jpg/p1.png"), root.resolve("jpg/p7.png"));
    Lines lines = leaks();
    assertThat(lines.code()).isEqualTo(LeaksCommand.FOUND);
    assertThat(lines.out())
        .startsWith("1.0000\tquery/p0\tdatabase/p3\n1 pairs of ")
        .endsWith("1 of query and unjudged database\n");
  }

  @Test
  void moreDuplicatesThanTheFirstSearchFindsAreAllFound() throws IOException {
    for (int i = 0; i < 40; i++) {
      copy(root.resolve("jpg/p2.png"), root.resolve("jpg/copy" + i + ".png"));
      Files.writeString(
          root.resolve("list.tsv"), "copy" + i + "\t-\tdatabase\n", StandardOpenOption.APPEND);
    }
    copy(root.resolve("jpg/p2.png"), train.resolve("c0/t0.png"));
    assertThat(leaks("--train", train.toString()).out())
        .contains("41 pairs of 0.9999 or more: 41 of training and database");
  }

  @Test
  void aTrainingMayBeAList() throws IOException {
    copy(root.resolve("jpg/p5.png"), train.resolve("c0/t0.png"));
    Path list = train.resolve("list.txt");
    Files.writeString(list, "c0/t0.png a\nc0/t2.png a\nc1/t1.png b\nc1/t3.png b\n");
    Lines lines = leaks("--train", list.toString());
    assertThat(lines.code()).as(lines.err()).isEqualTo(LeaksCommand.FOUND);
    assertThat(lines.out()).contains("t0.png\tdatabase/p5\n1 pairs");
  }

  @ParameterizedTest
  @CsvSource({
    "train.csv,train",
    "metadata/train_clean.csv,train/a/b/c",
    "metadata/train.csv,metadata",
    "train_clean.csv,a/b/c"
  })
  void aTrainingMayBeAListOfGoogleLandmarks(String name, String folder) throws IOException {
    Path own = Files.createDirectories(temp.resolve("landmarks").resolve(folder));
    Path list = temp.resolve("landmarks").resolve(name);
    Files.createDirectories(list.resolveSibling(""));
    String first = "abc0000000000001";
    String second = "abc0000000000002";
    copy(root.resolve("jpg/p5.png"), own.resolve(first + ".jpg"));
    copy(train.resolve("c0/t0.png"), own.resolve(second + ".jpg"));
    Files.writeString(
        list,
        name.contains("clean")
            ? "\uFEFFlandmark_id,images\r\n07," + first + " " + second + "\r\n"
            : "\nid,\"url\",landmark_id\n" + first + ",\"u,v\",7\n" + second + ",u,8\n");
    Lines lines = leaks("--train", list.toString());
    assertThat(lines.code()).as(lines.err()).isEqualTo(LeaksCommand.FOUND);
    assertThat(lines.out()).contains(first + ".jpg\tdatabase/p5\n1 pairs");
    Files.delete(own.resolve(second + ".jpg"));
    Lines absent = leaks("--train", list.toString());
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).contains(list + ":", second + ".jpg does not exist");
  }

  @Test
  void aTableWithAColumnOfImagesIsNoListOfGoogleLandmarks() throws IOException {
    copy(root.resolve("jpg/p5.png"), train.resolve("c0/t0.png"));
    Path list = train.resolve("train.csv");
    Files.writeString(list, "id,image,landmark_id\n1,c0/t0.png,7\n2,c0/t2.png,8\n");
    Lines lines = leaks("--train", list.toString());
    assertThat(lines.code()).as(lines.err()).isEqualTo(LeaksCommand.FOUND);
    Files.writeString(list, "");
    assertThat(leaks("--train", list.toString()).code()).isEqualTo(1);
  }

  @Test
  void wrongUsageIsCodeTwo() {
    Lines unknown = Lines.of("leaks", "--dataset", "oxford", "--root", ".", "--backbone", "patch");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).startsWith("error: unknown data set 'oxford'; known: ");
    Lines threshold = leaks("--threshold", "1.5");
    assertThat(threshold.code()).isEqualTo(2);
    Lines absent = leaks("--train", temp.resolve("none.txt").toString());
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).contains("none.txt");
  }
}
