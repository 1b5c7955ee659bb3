// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepretrieval.train.data.SfmDatabase.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SfmDatabaseTest {
  @TempDir Path root;

  private SfmDatabase read(Path file) throws IOException {
    return SfmDatabase.read(file, root.resolve("ims"), Part.TRAIN, MissingFiles.UNCHECKED);
  }

  private static List<String> pairs(SfmDatabase database) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < database.pairCount(); i++) {
      pairs.add(database.query(i) + "-" + database.positive(i));
    }
    return pairs;
  }

  private void assertRefused(String opcodes, String message) throws IOException {
    Path file = Pickles.write(root, opcodes);
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> read(file))
        .withMessage(file + ": " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lists-0",
        "lists-1",
        "lists-2",
        "lists-3",
        "lists-4",
        "lists-5",
        "arrays-2",
        "arrays-4",
        "arrays-5",
        "big-endian-4",
        "objects-2",
        "scalars-2"
      })
  void readsEveryProtocolAndKindOfArray(String name) throws IOException {
    Path file = Pickles.resource(root, name + ".pkl");

    SfmDatabase train = read(file);
    LabeledImages images = train.images();

    assertThat(images.classNames()).containsExactly("2", "7", "10");
    assertThat(Sets.labels(images)).containsExactly(2, 2, 0, 0, 0, 1, 1);
    assertThat(
            Sets.names(images).stream()
                .map(n -> root.resolve("ims").relativize(Path.of(n)).toString()))
        .containsExactly(
            "11/aa/00/00aa11",
            "12/aa/00/00aa12",
            "01/21/bb/ffbb2101",
            "02/21/bb/ffbb2102",
            "03/21/bb/ffbb2103",
            "f0/e-/d_/d_e-f0",
            "ef/cd/ab/0123456789abcdef");
    assertThat(pairs(train)).containsExactly("0-1", "1-0", "2-3", "4-2", "5-6");
    assertThat(train).hasToString("SfmDatabase[7 images, 3 clusters, 5 pairs]");

    SfmDatabase val = SfmDatabase.read(file, root, Part.VAL, MissingFiles.UNCHECKED);
    assertThat(val.images().classNames()).containsExactly("300");
    assertThat(pairs(val)).containsExactly("1-0");
  }

  @Test
  void floatsThatAreWholeAreNumbers() throws IOException {
    SfmDatabase database =
        read(Pickles.write(root, Pickles.train("aaaaaa,bbbbbb", "3.0,3.0", "1.0", "0")));

    assertThat(pairs(database)).containsExactly("1-0");
    assertThat(database.images().classNames()).containsExactly("3");
  }

  // ---- missing files

  private Path resourceAndFiles() throws IOException {
    Sets.touch(
        root.resolve("ims"),
        "11/aa/00/00aa11",
        "01/21/bb/ffbb2101",
        "03/21/bb/ffbb2103",
        "f0/e-/d_/d_e-f0",
        "ef/cd/ab/0123456789abcdef");
    return Pickles.resource(root, "lists-4.pkl");
  }

  @Test
  void missingImagesAreSkippedWithTheirPairs() throws IOException {
    Path file = resourceAndFiles();

    SfmDatabase database =
        SfmDatabase.read(file, root.resolve("ims"), Part.TRAIN, MissingFiles.SKIP);

    // Images 0, 2, 4, 5 and 6 are there: of the pairs 4-2 and 5-6 have both.
    assertThat(database.images().size()).isEqualTo(5);
    assertThat(pairs(database)).containsExactly("2-1", "3-4");
    assertThat(Sets.labels(database.images())).containsExactly(2, 0, 0, 1, 1);
    assertThat(Files.readString(Path.of(database.images().source(2).name())))
        .isEqualTo("03/21/bb/ffbb2103");
    assertThat(database.images().skipped())
        .containsExactly(
            new SkippedImage(
                "00aa12",
                file
                    + ": train: cids[1]: file "
                    + root.resolve("ims/12/aa/00/00aa12")
                    + " does not exist"),
            new SkippedImage(
                "ffbb2102",
                file
                    + ": train: cids[3]: file "
                    + root.resolve("ims/02/21/bb/ffbb2102")
                    + " does not exist"));
  }

  @Test
  void missingImagesAreRefused() throws IOException {
    Path file = resourceAndFiles();

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(
            () -> SfmDatabase.read(file, root.resolve("ims"), Part.TRAIN, MissingFiles.REFUSE))
        .withMessage(
            file
                + ": train: cids[1]: file "
                + root.resolve("ims/12/aa/00/00aa12")
                + " does not exist (nor do 1 more of 7)");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> SfmDatabase.read(file, root.resolve("ims"), Part.VAL, MissingFiles.SKIP))
        .withMessage(
            file
                + ": val: cids must have at least one image that exists but have 2 missing ones"
                + " only");
  }

  @Test
  void pairsThatAllLackAnImageAreRefused() throws IOException {
    Sets.touch(root.resolve("ims"), "aa/aa/aa/aaaaaa");
    Path file = Pickles.write(root, Pickles.train("aaaaaa,bbbbbb", "1,1", "0,1", "1,0"));

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(
            () -> SfmDatabase.read(file, root.resolve("ims"), Part.TRAIN, MissingFiles.SKIP))
        .withMessage(file + ": train: pairs must number at least 1 but were 0 of 2");
  }

  // ---- refused

  @Test
  void refusesAnotherStructure() throws IOException {
    assertRefused("(l.", "pickle must be a dict but is none");
    assertRefused("N.", "pickle must be a dict but is none");
    assertRefused(
        Pickles.dict("val", "(d", "test", "N") + ".",
        "pickle must have a dict 'train' but has [test, val]");
    assertRefused(
        Pickles.dict("train", "(l") + ".",
        "pickle must have a dict 'train' but has something else");
    assertRefused(
        Pickles.dict("train", Pickles.dict("qidxs", "(l")) + ".",
        "train: must have a list or a numpy array 'cids' but has [qidxs]");
    assertRefused(
        Pickles.dict("train", Pickles.dict("cids", "I3\n")) + ".",
        "train: must have a list or a numpy array 'cids' but has something else");
  }

  @ParameterizedTest
  @CsvSource({
    "'abcdef,abcde', abcde",
    "'abcdef,a/../../../b', a/../../../b",
    "'abcdef,abcd..', abcd..",
    "'abcdef,abcdef.jpg', abcdef.jpg",
    "'abcdef,17', 17"
  })
  void refusesNamesThatAreNone(String cids, String name) throws IOException {
    assertRefused(
        Pickles.train(cids, "1,1", "0", "1"),
        "train: cids[1] must be at least 6 letters and digits but was '" + name + "'");
  }

  @Test
  void refusesAListAsAName() throws IOException {
    assertRefused(
        Pickles.dict("train", Pickles.dict("cids", "(l(la")) + ".",
        "train: cids[0] must be at least 6 letters and digits but was 'a list or dict'");
  }

  @ParameterizedTest
  @CsvSource({"2, '[0, 1]'", "-1, '[0, 1]'", "0.5, '[0, 1]'", "word, '[0, 1]'"})
  void refusesIndexesThatAreNone(String index, String range) throws IOException {
    assertRefused(
        Pickles.train("abcdef,bcdefa", "1,1", "0," + index, "1,0"),
        "train: qidxs[1] must be a whole number in " + range + " but was '" + index + "'");
    assertRefused(
        Pickles.train("abcdef,bcdefa", "1,1", "0,1", "1," + index),
        "train: pidxs[1] must be a whole number in " + range + " but was '" + index + "'");
  }

  @Test
  void refusesListsOfOtherLengths() throws IOException {
    assertRefused(
        Pickles.train("abcdef,bcdefa", "1", "0", "1"),
        "train: cluster must have one for each of 2 cids but has 1");
    assertRefused(
        Pickles.train("abcdef,bcdefa", "1,1", "0", "1,0"),
        "train: pidxs must have one for each of 1 qidxs but has 2");
    assertRefused(
        Pickles.train("abcdef,bcdefa", "1,1", "", ""),
        "train: pairs must number at least 1 but were 0 of 0");
    assertRefused(
        Pickles.train("", "", "", ""),
        "train: cids must have at least one image that exists but have none");
  }

  @Test
  void refusesPairsThatAreNone() throws IOException {
    String rule = "train: pidxs[1] must be another image of the query's cluster but is image ";

    assertRefused(
        Pickles.train("abcdef,bcdefa,cdefab", "1,1,2", "0,1", "1,2"),
        rule + "2 of cluster 2 for image 1 of cluster 1");
    assertRefused(
        Pickles.train("abcdef,bcdefa,cdefab", "1,1,2", "0,1", "1,1"),
        rule + "1 of cluster 1 for image 1 of cluster 1");
  }

  @Test
  void refusesPairsThatDoNotExist() throws IOException {
    SfmDatabase database = read(Pickles.resource(root, "lists-4.pkl"));

    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> database.query(5));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> database.positive(-1));
  }
}
