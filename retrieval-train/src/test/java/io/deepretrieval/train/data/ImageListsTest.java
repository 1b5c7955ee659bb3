// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of every kind, whole and damaged. */
final class ImageListsTest {
  private static final String ID_1 = "6e158a47eb2ca3f6";
  private static final String ID_2 = "202cd79556f30760";
  private static final String ID_3 = "3ad87684c99c06e1";

  @TempDir Path root;

  private LabeledImages unchecked(Path file) throws IOException {
    return LabeledImages.ofList(file, root, MissingFiles.UNCHECKED);
  }

  private void assertRefused(Path file, String message) {
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> unchecked(file))
        .withMessage(file + message);
  }

  private List<String> relative(LabeledImages set) {
    return Sets.names(set).stream().map(n -> root.relativize(Path.of(n)).toString()).toList();
  }

  // ---- tables

  @Test
  void readsATableWithoutHeader() throws IOException {
    LabeledImages set = unchecked(Sets.write(root, "list.csv", "a/1.jpg,tower", "b/2.jpg,arch"));

    assertThat(relative(set)).containsExactly("a/1.jpg", "b/2.jpg");
    assertThat(set.classNames()).containsExactly("arch", "tower");
    assertThat(Sets.labels(set)).containsExactly(1, 0);
  }

  @ParameterizedTest
  @CsvSource({"image,label", "path,class", "file,group", "filename,landmark_id", "IMAGE,Label"})
  void findsColumnsByName(String image, String label) throws IOException {
    LabeledImages set =
        unchecked(
            Sets.write(
                root, "list.csv", "size," + label + ",note," + image, "3,7,x,1.jpg", "4,8,,2.jpg"));

    assertThat(relative(set)).containsExactly("1.jpg", "2.jpg");
    assertThat(set.classNames()).containsExactly("7", "8");
  }

  @Test
  void readsQuotedCells() throws IOException {
    LabeledImages set =
        unchecked(Sets.write(root, "list.CSV", "\"a, b.jpg\",\"the \"\"tower\"\"\""));

    assertThat(relative(set)).containsExactly("a, b.jpg");
    assertThat(set.classNames()).containsExactly("the \"tower\"");
  }

  @Test
  void tabsAreNeverQuoted() throws IOException {
    LabeledImages set = unchecked(Sets.write(root, "list.tsv", "\"a, b.jpg\tthe tower"));

    assertThat(relative(set)).containsExactly("\"a, b.jpg");
    assertThat(set.classNames()).containsExactly("the tower");
  }

  @ParameterizedTest
  @ValueSource(strings = {"list.csv", "list.tsv", "list.txt"})
  void marksBlankLinesAndKindsOfLineBreakDoNotMatter(String name) throws IOException {
    String s = name.endsWith(".csv") ? "," : name.endsWith(".tsv") ? "\t" : " ";
    for (String text :
        List.of(
            "1.jpg_a\n2.jpg_b\n",
            "1.jpg_a\n2.jpg_b",
            "\uFEFF1.jpg_a\n2.jpg_b\n",
            "1.jpg_a\r\n2.jpg_b\r\n",
            "1.jpg_a\r2.jpg_b\r",
            "\n\n1.jpg_a\n  \n2.jpg_b\n\n\n",
            "\uFEFF\r\n1.jpg_a\r\n\r\n2.jpg_b")) {
      Path file = Files.writeString(root.resolve(name), text.replace("_", s));

      LabeledImages set = unchecked(file);

      assertThat(relative(set)).as(text).containsExactly("1.jpg", "2.jpg");
      assertThat(set.classNames()).as(text).containsExactly("a", "b");
    }
  }

  @ParameterizedTest
  @CsvSource({"list.csv,','", "list.tsv,'\t'", "list.txt,' '"})
  void textIsUtf8(String name, String separator) throws IOException {
    String line = "Wien/Schloß.jpg" + separator + "Schönbrunn";
    LabeledImages set = unchecked(Sets.write(root, name, line));
    assertThat(relative(set)).containsExactly("Wien/Schloß.jpg");
    assertThat(set.classNames()).containsExactly("Schönbrunn");

    Path latin = root.resolve("latin-" + name);
    Files.write(latin, ("a.jpg" + separator + "a\n" + line).getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(latin, ": text must be UTF-8 but is not");
  }

  @Test
  void latin1InTheFirstByteIsRefusedToo() throws IOException {
    Path file = root.resolve("list.csv");
    Files.write(file, new byte[] {(byte) 0xE9, ',', 'a', '\n'});

    assertRefused(file, ": text must be UTF-8 but is not");
  }

  @Test
  void refusesHalfAHeader() throws IOException {
    String rule =
        ":1: header must have a column 'image', 'path', 'file' or 'filename' and a column"
            + " 'label', 'class', 'group' or 'landmark_id' but was ";

    assertRefused(
        Sets.write(root, "a.csv", "picture,label", "1.jpg,a"), rule + "'picture', 'label'");
    assertRefused(
        Sets.write(root, "b.tsv", "Image\tcategory", "1.jpg\ta"), rule + "'Image', 'category'");
  }

  @Test
  void refusesAnotherNumberOfColumns() throws IOException {
    assertRefused(
        Sets.write(root, "a.csv", "picture,label,size", "1.jpg,a,3"),
        ":1: line must have 2 columns, image and class, as there is no header 'image', 'label',"
            + " but had 3");
    assertRefused(
        Sets.write(root, "b.csv", "1.jpg,a", "", "2.jpg"),
        ":3: line must have 2 columns, image and class, as there is no header 'image', 'label',"
            + " but had 1");
  }

  @Test
  void refusesEmptyCells() throws IOException {
    assertRefused(
        Sets.write(root, "a.csv", "image,label", "1.jpg,a", "2.jpg"),
        ":3: line must have an image and a class but had '2.jpg' and ''");
    assertRefused(
        Sets.write(root, "b.csv", " ,a"),
        ":1: line must have an image and a class but had '' and 'a'");
    assertRefused(
        Sets.write(root, "c.csv", ".,a"),
        ":1: line must have an image and a class but had '' and 'a'");
  }

  @Test
  void refusesQuotesThatDoNotFit() throws IOException {
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> unchecked(Sets.write(root, "a.csv", "1.jpg,a", "", "\"2\"x.jpg,b")))
        .withMessageStartingWith(root.resolve("a.csv") + ":3: line cannot be read: ")
        .withMessageContaining("Invalid character between encapsulated token and delimiter")
        .withMessageNotContaining("Exception");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(
            () -> unchecked(Sets.write(root, "b.csv", "1.jpg,a", "\"2.jpg,b", "3.jpg,c", "", "")))
        .withMessageStartingWith(root.resolve("b.csv") + ":2: line cannot be read: ")
        .withMessageContaining("EOF reached before encapsulated token finished")
        .withMessageNotContaining("Exception");
  }

  @Test
  void refusesAListWithoutAnImage() throws IOException {
    String rule = ": list must have at least one image that exists but had none";

    assertRefused(Files.writeString(root.resolve("a.csv"), ""), rule);
    assertRefused(Sets.write(root, "b.csv", "image,label"), rule);
    assertRefused(Files.writeString(root.resolve("c.txt"), "\uFEFF\n \n"), rule);
  }

  @Test
  void refusesAListThatIsNotThere() {
    assertRefused(root.resolve("none.csv"), ": file does not exist");
    assertRefused(root.resolve("none.txt"), ": file does not exist");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(
            () -> LabeledImages.ofGldv2(root.resolve("train.csv"), root, MissingFiles.UNCHECKED))
        .withMessage(root.resolve("train.csv") + ": file does not exist");
  }

  @Test
  void refusesNamesThatNoFileCanHave() throws IOException {
    assertRefused(
        Sets.write(root, "a.csv", "1.jpg,a", "2\0.jpg,b"),
        ":2: image '2\0.jpg' cannot be a file name here: Nul character not allowed");
    assertRefused(
        Sets.write(root, "a.txt", "2\0.jpg b"),
        ":1: image '2\0.jpg' cannot be a file name here: Nul character not allowed");
  }

  // ---- plain lists

  @Test
  void readsAPlainList() throws IOException {
    LabeledImages set =
        unchecked(Sets.write(root, "list.txt", "  a/my photo.jpg  \t 17 ", "b.jpg 4"));

    assertThat(relative(set)).containsExactly("a/my photo.jpg", "b.jpg");
    assertThat(set.classNames()).containsExactly("4", "17");
  }

  @Test
  void refusesAPlainLineWithoutAClass() throws IOException {
    assertRefused(
        Sets.write(root, "list.txt", "1.jpg a", "", "2.jpg"),
        ":3: line must be an image, a blank and a class but was '2.jpg'");
  }

  // ---- listed twice

  @Test
  void anImageListedTwiceIsKeptOnce() throws IOException {
    Path file = Sets.write(root, "list.csv", "1.jpg,a", "2.jpg,a", "x/.././1.jpg,a");

    LabeledImages set = unchecked(file);

    assertThat(relative(set)).containsExactly("1.jpg", "2.jpg");
    assertThat(set.skipped())
        .containsExactly(new SkippedImage("1.jpg", file + ":3: is listed at " + file + ":1 too"));
  }

  @Test
  void anImageOfTwoClassesIsRefused() throws IOException {
    Path file = Sets.write(root, "list.csv", "1.jpg,a", "", "2.jpg,a", "1.jpg,b");

    assertRefused(
        file, ":4: image '1.jpg' must have one class but has 'b' here and 'a' at " + file + ":1");
  }

  @Test
  void manyImagesKeepTheirLines() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append(i).append(".jpg c\n");
    }
    Path file = Files.writeString(root.resolve("list.txt"), text + "200.jpg d\n");

    assertRefused(
        file,
        ":301: image '200.jpg' must have one class but has 'd' here and 'c' at " + file + ":201");
  }

  // ---- missing files

  @Test
  void missingImagesAreRefusedWithTheirNumber() throws IOException {
    Sets.touch(root, "1.jpg");
    Path one = Sets.write(root, "one.csv", "1.jpg,a", "2.jpg,a");
    Path more = Sets.write(root, "more.csv", "image,label", "2.jpg,a", "1.jpg,a", "3.jpg,a");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofList(one, root, MissingFiles.REFUSE))
        .withMessage(one + ":2: file " + root.resolve("2.jpg") + " does not exist");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofList(more, root, MissingFiles.REFUSE))
        .withMessage(
            more + ":2: file " + root.resolve("2.jpg") + " does not exist (nor do 1 more of 3)");
  }

  @Test
  void missingImagesAreSkippedAndListed() throws IOException {
    Sets.touch(root, "1.jpg", "sub/3.jpg/x");
    Path file = Sets.write(root, "list.csv", "1.jpg,a", "2.jpg,b", "sub/3.jpg,a");

    LabeledImages set = LabeledImages.ofList(file, root, MissingFiles.SKIP);

    assertThat(relative(set)).containsExactly("1.jpg");
    assertThat(set.classNames()).containsExactly("a");
    assertThat(set.skipped())
        .containsExactly(
            new SkippedImage(
                "2.jpg", file + ":2: file " + root.resolve("2.jpg") + " does not exist"),
            new SkippedImage(
                "sub/3.jpg", file + ":3: file " + root.resolve("sub/3.jpg") + " does not exist"));
  }

  @Test
  void nothingButMissingImagesIsRefused() throws IOException {
    Path file = Sets.write(root, "list.csv", "1.jpg,a", "2.jpg,b");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofList(file, root, MissingFiles.SKIP))
        .withMessage(
            file + ": list must have at least one image that exists but had 2 missing ones only");
  }

  @Test
  void absolutePathsStandForThemselves() throws IOException {
    Sets.touch(root, "1.jpg");
    Path file = Sets.write(root, "list.txt", root.resolve("1.jpg") + " a");

    LabeledImages set = LabeledImages.ofList(file, Path.of("elsewhere"), MissingFiles.REFUSE);

    assertThat(Sets.names(set)).containsExactly(root.resolve("1.jpg").toString());
  }

  // ---- Google Landmarks

  @Test
  void readsTheListOfEachImage() throws IOException {
    Path file =
        Sets.write(
            root,
            "train.csv",
            "id,url,landmark_id",
            ID_1 + ",\"http://example.org/a,b.jpg\",142820",
            ID_2 + ",http://example.org/c.jpg,104169");

    LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED);

    assertThat(relative(set)).containsExactly("6/e/1/" + ID_1 + ".jpg", "2/0/2/" + ID_2 + ".jpg");
    assertThat(set.classNames()).containsExactly("104169", "142820");
    assertThat(Sets.labels(set)).containsExactly(1, 0);
  }

  @Test
  void readsTheListOfEachLandmark() throws IOException {
    Path file =
        Sets.write(
            root, "train_clean.csv", "landmark_id,images", "1," + ID_1 + " " + ID_2, "7," + ID_3);

    LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED);

    assertThat(relative(set))
        .containsExactly(
            "6/e/1/" + ID_1 + ".jpg", "2/0/2/" + ID_2 + ".jpg", "3/a/d/" + ID_3 + ".jpg");
    assertThat(set.classNames()).containsExactly("1", "7");
    assertThat(Sets.labels(set)).containsExactly(0, 0, 1);
  }

  @Test
  void missingLandmarksFollowTheRule() throws IOException {
    Sets.touch(root, "6/e/1/" + ID_1 + ".jpg");
    Path file = Sets.write(root, "train_clean.csv", "landmark_id,images", "1," + ID_1 + " " + ID_2);

    LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.SKIP);

    assertThat(set.size()).isEqualTo(1);
    assertThat(set.skipped())
        .containsExactly(
            new SkippedImage(
                ID_2,
                file + ":2: file " + root.resolve("2/0/2/" + ID_2 + ".jpg") + " does not exist"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id,url", "landmark_id,url", "landmark_id,id,images", "image,label"})
  void refusesAnotherHeaderForLandmarks(String header) throws IOException {
    Path file = Sets.write(root, "train.csv", header, "x,y,z");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED))
        .withMessage(
            file
                + ":1: header must have the columns landmark_id and either id or images but was '"
                + header
                + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "'1,../../../../etc/pa', '../../../../etc/pa'",
    "'1,6E158A47EB2CA3F6', 6E158A47EB2CA3F6",
    "'1,', ''",
    "'1,6e158a47eb2ca3f6 12', 12"
  })
  void refusesIdsThatAreNone(String line, String id) throws IOException {
    Path file = Sets.write(root, "train_clean.csv", "landmark_id,images", line);

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED))
        .withMessage(file + ":2: image id must be 16 hexadecimal digits but was '" + id + "'");
  }

  @Test
  void refusesALandmarkWithoutNumber() throws IOException {
    Path file = Sets.write(root, "train.csv", "id,url,landmark_id", ID_1 + ",u");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED))
        .withMessage(
            file + ":2: line must have an image and a class but had '" + ID_1 + "' and ''");
  }

  @Test
  void landmarksMayLieFlat() throws IOException {
    Sets.touch(root, ID_1 + ".jpg", ID_2 + ".jpg", "2/0/2/" + ID_2 + ".jpg");
    Path file = Sets.write(root, "train_clean.csv", "landmark_id,images", "1," + ID_1 + " " + ID_2);

    LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.REFUSE);

    assertThat(relative(set)).containsExactly(ID_1 + ".jpg", "2/0/2/" + ID_2 + ".jpg");
    Files.delete(root.resolve(ID_1 + ".jpg"));
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(file, root, MissingFiles.REFUSE))
        .withMessage(
            file + ":2: file " + root.resolve("6/e/1/" + ID_1 + ".jpg") + " does not exist");
  }

  @Test
  void landmarksAreNumbers() throws IOException {
    Path file =
        Sets.write(root, "train.csv", "id,landmark_id", ID_1 + ",07", ID_2 + ",7", ID_3 + ",12");
    LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED);
    assertThat(set.classNames()).containsExactly("7", "12");
    assertThat(Sets.labels(set)).containsExactly(0, 0, 1);
    Path other = Sets.write(root, "train.csv", "id,landmark_id", ID_1 + ",Eiffel");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(other, root, MissingFiles.UNCHECKED))
        .withMessage(other + ":2: landmark_id must be a whole number but was 'Eiffel'");
  }

  @Test
  void formOfALandmarkListDoesNotMatterAndOtherDamageIsRefused() throws IOException {
    for (String text :
        List.of(
            "id,url,landmark_id\n" + ID_1 + ",u,7\n" + ID_2 + ",u,8\n",
            "\uFEFF\r\nid, url ,landmark_id\r\n\r\n" + ID_1 + ",u,7\r\n \r\n" + ID_2 + ",u, 8")) {
      Path file = Files.writeString(root.resolve("train.csv"), text);
      LabeledImages set = LabeledImages.ofGldv2(file, root, MissingFiles.UNCHECKED);
      assertThat(relative(set)).containsExactly("6/e/1/" + ID_1 + ".jpg", "2/0/2/" + ID_2 + ".jpg");
      assertThat(set.classNames()).containsExactly("7", "8");
    }
    Path latin = root.resolve("latin.csv");
    String text = "id,url,landmark_id\n" + ID_1 + ",http://é,7\n";
    Files.write(latin, text.getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(latin, root, MissingFiles.UNCHECKED))
        .withMessage(latin + ": text must be UTF-8 but is not");
    Path twice = Sets.write(root, "twice.csv", "id,landmark_id", ID_1 + ",7", ID_1 + ",8");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofGldv2(twice, root, MissingFiles.UNCHECKED))
        .withMessage(
            twice
                + ":3: image '"
                + ID_1
                + "' must have one class but has '8' here and '7' at "
                + twice
                + ":2");
  }

  /** Without the rule the names of the columns would be an image and its class. */
  @ParameterizedTest
  @ValueSource(strings = {"id,url,landmark_id", "landmark_id,images"})
  void refusesLandmarksAsAPlainTable(String header) throws IOException {
    assertRefused(
        Sets.write(root, "train.csv", header, "x,y"),
        ":1: header must not be that of the Google Landmarks Dataset v2, which is read by ofGldv2,"
            + " but was '"
            + header
            + "'");
  }

  // ---- neural codes

  @Test
  void readsSeveralListsOfNeuralCodes() throws IOException {
    Path train = Sets.write(root, "clean_train.txt", "a/1.jpg 3", "a/2.jpg 3");
    Path extra = Sets.write(root, "extra.csv", "b/1.jpg 12", "a/2.jpg 3");

    LabeledImages set =
        LabeledImages.ofNeuralCodes(List.of(train, extra), root, MissingFiles.UNCHECKED);

    assertThat(relative(set)).containsExactly("a/1.jpg", "a/2.jpg", "b/1.jpg");
    assertThat(set.classNames()).containsExactly("3", "12");
    assertThat(set.skipped())
        .containsExactly(
            new SkippedImage("a/2.jpg", extra + ":2: is listed at " + train + ":2 too"));
  }

  @Test
  void classesMustAgreeAcrossLists() throws IOException {
    Path train = Sets.write(root, "clean_train.txt", "a/1.jpg 3");
    Path extra = Sets.write(root, "extra.txt", "", "a/1.jpg 4");

    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(
            () -> LabeledImages.ofNeuralCodes(List.of(train, extra), root, MissingFiles.UNCHECKED))
        .withMessage(
            extra
                + ":2: image 'a/1.jpg' must have one class but has '4' here and '3' at "
                + train
                + ":1");
  }

  @Test
  void refusesNoList() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabeledImages.ofNeuralCodes(List.of(), root, MissingFiles.SKIP))
        .withMessage("lists must number at least 1 but were 0");
  }

  @Test
  void formOfAListOfNeuralCodesDoesNotMatterAndOtherDamageIsRefused() throws IOException {
    for (String text :
        List.of("a/1.jpg 3\na/2.jpg 4\n", "\uFEFF\r\na/1.jpg 3\r\n\r\n  a/2.jpg\t4 ")) {
      Path file = Files.writeString(root.resolve("clean_train.txt"), text);
      LabeledImages set = LabeledImages.ofNeuralCodes(List.of(file), root, MissingFiles.UNCHECKED);
      assertThat(relative(set)).containsExactly("a/1.jpg", "a/2.jpg");
      assertThat(set.classNames()).containsExactly("3", "4");
    }
    Path gone = Sets.write(root, "gone.txt", "", "a/1.jpg 3");
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofNeuralCodes(List.of(gone), root, MissingFiles.REFUSE))
        .withMessage(gone + ":2: file " + root.resolve("a/1.jpg") + " does not exist");
    Path latin = root.resolve("latin.txt");
    Files.write(latin, "a/é.jpg 3\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(TrainingDataException.class)
        .isThrownBy(() -> LabeledImages.ofNeuralCodes(List.of(latin), root, MissingFiles.UNCHECKED))
        .withMessage(latin + ": text must be UTF-8 but is not");
  }
}
