// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Paris adds to Oxford: directories and corrupt images. */
final class ParisReaderTest extends ReaderFixture {
  ParisReaderTest() {
    super("paris6k");
  }

  @BeforeEach
  void layout() throws IOException {
    for (String name : List.of("defense_000605", "defense_000331", "general_000001")) {
      String directory = name.substring(0, name.indexOf('_'));
      TestImages.write(
          root.resolve("paris/" + directory + "/paris_" + name + ".jpg"), 40, 30, 0x808080);
    }
    Files.createDirectories(root.resolve("paris/louvre"));
    Files.createFile(root.resolve("paris/louvre/paris_louvre_000136.jpg"));
    gt("defense_1_query.txt", "paris_defense_000605 1 2 30 20\n");
    gt("defense_1_good.txt", "paris_defense_000605\nparis_defense_000331\n");
    gt("defense_1_ok.txt", "");
    gt("defense_1_junk.txt", "paris_general_000001\n");
  }

  private void gt(String name, String text) throws IOException {
    Files.createDirectories(root.resolve("gt"));
    Files.writeString(root.resolve("gt").resolve(name), text);
  }

  @Test
  void imagesInDirectoriesAreReadWithoutTheCorruptOnes() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("paris6k");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("paris_defense_000331", "paris_defense_000605", "paris_general_000001");
    assertThat(set.database().get(0).file())
        .isEqualTo(root.resolve("paris/defense/paris_defense_000331.jpg"));
    Query query = set.queries().get(0);
    assertThat(query.box()).contains(new Box(1, 2, 30, 20));
    assertThat(query.judgments().positives())
        .containsExactly("paris_defense_000605", "paris_defense_000331");
    assertThat(query.judgments().junk()).containsExactly("paris_general_000001");
  }

  @Test
  void imagesMayLieFlat() throws IOException {
    RetrievalDataSet nested = read();
    Files.createDirectories(root.resolve("jpg"));
    for (DataSetImage image : nested.database()) {
      Files.move(image.file(), root.resolve("jpg/" + image.id() + ".jpg"));
    }
    assertThat(read().database())
        .extracting(DataSetImage::id)
        .isEqualTo(nested.database().stream().map(DataSetImage::id).toList());
  }

  @Test
  void corruptImagesAreLeftOutOfTheGroundTruthWhetherTheyAreThereOrNot() throws IOException {
    RetrievalDataSet plain = read();
    gt("defense_1_ok.txt", "\uFEFFparis_louvre_000136\r\n\r\nparis_louvre_000146\r\n");
    assertThat(read().queries()).isEqualTo(plain.queries());
    gt("defense_1_query.txt", "paris_louvre_000136 1 2 3 4");
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("gt/defense_1_query.txt")
                + ":1: image 'paris_louvre_000136' must be one of the 3 images but is not");
  }

  @Test
  void imageInTwoDirectoriesIsRefused() throws IOException {
    Files.copy(
        root.resolve("paris/general/paris_general_000001.jpg"),
        root.resolve("paris/defense/paris_general_000001.jpg"));
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root
                + ": image 'paris_general_000001' must be one file but is"
                + " paris/defense/paris_general_000001.jpg and"
                + " paris/general/paris_general_000001.jpg");
  }

  @Test
  void unknownNameIsRefused() throws IOException {
    gt("defense_1_junk.txt", "\nparis_defense_999999");
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("gt/defense_1_junk.txt")
                + ":2: image 'paris_defense_999999' must be one of the 3 images but is not");
  }

  @Test
  void distractorsInTheRootAreNotImagesOfParis() throws IOException {
    TruthFiles.touch(root.resolve("oxc1_100k/topic"), List.of("x.jpg"));
    assertThat(read().database()).hasSize(3);
    assertThat(DataSets.read("paris106k", root).database()).hasSize(4);
  }

  @Test
  void damagedSetsAreRefused() throws IOException {
    gt("defense_1_query.txt", "\r\nparis_defense_000605 41 2 50 20\r\n");
    assertRefused(
        "gt/defense_1_query.txt:2",
        "box must overlap the image of 40x30 pixels but was 41.0,2.0,50.0,20.0");
    gt("defense_1_query.txt", "paris_defense_000605 1 2 30 20\n");
    gt("defense_1_junk.txt", "paris_defense_000331\n");
    assertRefused(
        "gt/defense_1_junk.txt:1",
        "image 'paris_defense_000331' must be judged once but is good (line 2 of that file) and"
            + " junk");
    gt("defense_1_junk.txt", "");
    delete("paris/defense/paris_defense_000331.jpg");
    assertRefused(
        "gt/defense_1_good.txt:2",
        "image 'paris_defense_000331' must be one of the 2 images but is not");
  }

  @Test
  void namesMayBeInLatin1() throws IOException {
    assumeFileName("paris/général/paris_général_000002.jpg");
    image("paris/général/paris_général_000002.jpg");
    text("gt/defense_1_ok.txt", "paris_général_000002\n", StandardCharsets.ISO_8859_1);
    assertThat(read().queries().get(0).judgments().ok()).containsExactly("paris_général_000002");
  }

  /** Two right answers among four without junk. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    image("paris/eiffel/paris_eiffel_000001.jpg");
    image("paris/eiffel/paris_eiffel_000002.jpg");
    RetrievalDataSet set = read();
    assertScores(perfect(set), "standard", standard(1, 1, 2 / 5.0, 2 / 10.0));
    // Right at 3 and 4: ((0 + 1/3)/2 + (1/3 + 2/4)/2)/2.
    assertScores(reversed(set), "standard", standard(7 / 24.0, 0, 2 / 5.0, 2 / 10.0));
    // A third of the places before a right one are right: (1 + 1/2 + 4/9 + 5/12)/4.
    assertRandom(set, "standard", standard(85 / 144.0, 1 / 2.0, 2 / 5.0, 2 / 10.0));
  }
}
