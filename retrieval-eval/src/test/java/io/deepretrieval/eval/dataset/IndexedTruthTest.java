// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import us.hebi.matlab.mat.format.Mat5;

/**
 * The revisited Oxford and Paris and the classic ones by numbered ground truth, whole and damaged.
 */
final class IndexedTruthTest {
  @TempDir Path root;
  private Path file = Path.of("");

  @BeforeEach
  void images() {
    for (String name : List.of("b", "a", "c", "d", "q0", "q1")) {
      TestImages.write(root.resolve("jpg/" + name + ".png"), 40, 30, 0x808080);
    }
    file = root.resolve("gnd_roxford5k.pkl");
  }

  /** Two queries over four images; the second has no easy answer. */
  private static TruthFiles truth() {
    return new TruthFiles()
        .images("b", "a", "c", "d")
        .query(
            "q0",
            List.of(1.5, 2.5, 30.25, 20.0),
            "easy",
            List.of(1, 0),
            "hard",
            List.of(2),
            "junk",
            List.of(3))
        .query(
            "q1", List.of(0, 0, 40, 30), "easy", List.of(), "hard", List.of(3), "junk", List.of());
  }

  private RetrievalDataSet read(TruthFiles truth) throws IOException {
    TruthFiles.pickle(file, truth.dict());
    return DataSets.read("roxford5k", root);
  }

  private void assertRefused(TruthFiles truth, String problem) {
    assertThatThrownBy(() -> read(truth))
        .isInstanceOf(DataSetException.class)
        .hasMessage(file + ": " + problem.replace("ROOT", root.toString()));
  }

  private void assertBytesRefused(byte[] bytes, String problem) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(file + ": " + problem);
  }

  private void assertProtocols(RetrievalDataSet set) {
    assertThat(set.name()).isEqualTo("roxford5k");
    assertThat(set.database()).extracting(DataSetImage::id).containsExactly("b", "a", "c", "d");
    assertThat(set.queries()).extracting(q -> q.image().id()).containsExactly("q0", "q1");
    assertThat(set.queries().get(0).box()).contains(new Box(1.5, 2.5, 30.25, 20));
    Judgments medium = set.protocols().get(0).queries().get(0).judgments();
    assertThat(medium.good()).containsExactly("a", "b");
    assertThat(medium.ok()).containsExactly("c");
    assertThat(medium.junk()).containsExactly("d");
    Judgments hard = set.protocols().get(1).queries().get(0).judgments();
    assertThat(hard.positives()).containsExactly("c");
    assertThat(hard.junk()).containsExactly("d", "a", "b");
    Judgments easy = set.protocols().get(2).queries().get(0).judgments();
    assertThat(easy.positives()).containsExactly("a", "b");
    assertThat(easy.junk()).containsExactly("d", "c");
    assertThat(set.protocols().get(2).queries().get(1).judgments().hasPositives()).isFalse();
    assertThat(set.protocols())
        .allSatisfy(
            protocol ->
                assertThat(protocol.metrics())
                    .extracting(Metric::name)
                    .containsExactly("mAP", "mP@1", "mP@5", "mP@10"));
  }

  @Test
  void protocolsAreReadFromAPickle() throws IOException {
    assertProtocols(read(truth()));
  }

  @Test
  void protocolsAreReadFromAFileOfMatlab() throws IOException {
    truth().matlab(root.resolve("gnd_roxford5k.mat"), true);
    assertProtocols(DataSets.read("roxford5k", root));
  }

  @Test
  void imagesMayLieInDirectoriesOrInTheRoot() throws IOException {
    Files.createDirectories(root.resolve("paris/b"));
    for (String name : List.of("b", "a", "c", "d", "q0", "q1")) {
      Files.move(
          root.resolve("jpg/" + name + ".png"),
          root.resolve((name.equals("b") ? "paris/b/" : "paris/") + name + ".png"));
    }
    Files.delete(root.resolve("jpg"));
    assertProtocols(read(truth()));
    assertThat(DataSets.read("roxford5k", root).database().get(0).file())
        .isEqualTo(root.resolve("paris/b/b.png"));
    Files.copy(root.resolve("paris/a.png"), root.resolve("paris/b/a.png"));
    assertRefused(
        truth(), "imlist: image 'a' must be one file but is paris/a.png and paris/b/a.png");
  }

  @Test
  void classicSetsAreReadFromNumberedGroundTruthToo() throws IOException {
    TruthFiles truth =
        new TruthFiles()
            .images("b", "a", "c", "d")
            .query("a", List.of(0, 0, 9, 9), "ok", List.of(0, 1), "junk", List.of(3));
    truth.matlab(root.resolve("gnd_oxford5k.mat"), false);
    RetrievalDataSet matlab = DataSets.read("oxford5k", root);
    assertThat(matlab.database()).extracting(DataSetImage::id).containsExactly("b", "a", "c", "d");
    assertThat(matlab.queriesInDatabase()).isEqualTo(1);
    assertThat(matlab.queries().get(0).judgments().good()).containsExactly("b", "a");
    assertThat(matlab.queries().get(0).judgments().junk()).containsExactly("d");
    TruthFiles.pickle(root.resolve("gnd_paris6k.pkl"), truth.dict());
    RetrievalDataSet pickle = DataSets.read("paris6k", root);
    assertThat(pickle.queries()).isEqualTo(matlab.queries());
    assertThat(pickle.name()).isEqualTo("paris6k");
  }

  @Test
  void numberTwiceInOneListIsTolerated() throws IOException {
    TruthFiles truth = truth();
    truth.gnd(0).put("easy", List.of(1, 0, 1));
    assertProtocols(read(truth));
  }

  @Test
  void missingGroundTruthIsRefused() {
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(root + ": ground truth gnd_roxford5k.pkl or .mat is missing");
  }

  @Test
  void missingImagesAreRefused() throws IOException {
    Files.delete(root.resolve("jpg/c.png"));
    assertRefused(
        truth(),
        "imlist: image 'c' is missing: neither it nor it with one of the endings jpg jpeg png gif"
            + " bmp tif tiff webp is in ROOT/jpg");
    TestImages.write(root.resolve("jpg/c.png"), 4, 4, 0);
    Files.delete(root.resolve("jpg/q1.png"));
    assertRefused(
        truth(),
        "gnd[1]: image 'q1' is missing: neither it nor it with one of the endings jpg jpeg png gif"
            + " bmp tif tiff webp is in ROOT/jpg");
  }

  @ParameterizedTest
  @CsvSource({"4", "-1", "1.5"})
  void numberThatIsNoImageIsRefused(double number) {
    TruthFiles truth = truth();
    truth.gnd(0).put("junk", List.of(3, number));
    assertRefused(
        truth,
        "gnd[0].junk[1]: number of an image must be a whole number from 0 to 3 but was " + number);
  }

  @Test
  void numberThatIsNoImageIsRefusedInTheNotationOfMatlab() throws IOException {
    TruthFiles truth = truth();
    truth.gnd(0).put("junk", List.of(3, 4));
    Path mat = truth.matlab(root.resolve("gnd_roxford5k.mat"), true);
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            mat
                + ": gnd(1).junk(2): number of an image must be a whole number from 1 to 4 but was"
                + " 5.0");
  }

  @Test
  void queryNumberThatIsNoImageIsRefused() throws IOException {
    Path mat = truth().matlab(root.resolve("gnd_roxford5k.mat"), false);
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            mat + ": qidx(1): number of an image must be a whole number from 1 to 4 but was 0.0");
  }

  @Test
  void imageListedTwiceIsRefused() {
    assertRefused(
        truth().images("a"), "imlist[4]: image 'a' must be listed once but is imlist[1] too");
  }

  @Test
  void imageJudgedInTwoWaysIsRefused() {
    TruthFiles truth = truth();
    truth.gnd(0).put("junk", List.of(3, 2));
    assertRefused(truth, "gnd[0].junk[1]: image 'c' must be judged once but is hard and junk");
  }

  @Test
  void queryAskedTwiceIsRefused() throws IOException {
    TruthFiles truth = truth();
    truth.query(
        "q0",
        List.of(1.5, 2.5, 30.25, 20),
        "easy",
        List.of(2),
        "hard",
        List.of(),
        "junk",
        List.of());
    assertRefused(
        truth,
        "gnd[2]: query 'q0' with the box 1.5,2.5,30.25,20.0 must be asked once but is in gnd[0]"
            + " too");
    truth.gnd(2).put("bbx", List.of(1.5, 2.5, 30.25, 21.0));
    assertThat(read(truth).queries()).hasSize(3);
  }

  @Test
  void boxThatIsNoneIsRefused() {
    TruthFiles truth = truth();
    truth.gnd(1).put("bbx", List.of(1, 2, 3));
    assertRefused(truth, "gnd[1].bbx: box must have four numbers but has 3");
    truth.gnd(1).put("bbx", List.of(9, 2, 3, 4));
    assertRefused(
        truth,
        "gnd[1].bbx: box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was 9.0,2.0,3.0,4.0");
    truth.gnd(1).put("bbx", List.of(50, 2, 60, 4));
    assertRefused(
        truth, "gnd[1].bbx: box must overlap the image of 40x30 pixels but was 50.0,2.0,60.0,4.0");
  }

  @Test
  void queriesAndTheirJudgmentsMustBeAsMany() {
    TruthFiles truth = truth();
    truth.queries.add("q2");
    assertRefused(truth, "gnd must have an element for each of the 3 queries but has 2");
  }

  @Test
  void partsThatAreMissingOrOfOtherKindAreRefused() {
    TruthFiles truth = truth();
    truth.gnd(1).remove("hard");
    assertRefused(truth, "gnd[1] must have the entry 'hard' but has not");
    truth.gnd(1).put("hard", "text");
    assertRefused(truth, "gnd[1].hard must be a list but is a text");
    truth.gnd(1).put("hard", List.of("text"));
    assertRefused(truth, "gnd[1].hard[0] must be a number but is a text");
    truth.gnd(1).put("hard", List.of(List.of(1)));
    assertRefused(truth, "gnd[1].hard[0] must be a number but is a list");
    truth.gnd.set(1, 7);
    assertRefused(truth, "gnd[1] must be a dictionary but is a number");
    TruthFiles names = truth();
    names.images.set(2, Map.of());
    assertRefused(names, "imlist[2] must be a text but is a dictionary");
    names.images.set(2, true);
    assertRefused(names, "imlist[2] must be a text but is something else");
    TruthFiles.pickle(file, Map.of("imlist", List.of()));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(file + ": the pickle must have the entry 'gnd' but has not");
    TruthFiles.pickle(file, List.of());
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(file + ": the pickle must be a dictionary but is a list");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cposix\\nsystem\\n(S'true'\\ntR.|asks for class 'posix.system'",
        "(S'true'\\niposix\\nsystem\\n.|asks for class 'posix.system'",
        "Vposix\\nVsystem\\n\\x93)R.|asks for class 'posix.system'",
        "cnumpy.core.multiarray\\n_reconstruct\\n.|asks for class"
            + " 'numpy.core.multiarray._reconstruct'",
        "]]\\x93.|asks for class '?.?'",
        "]]R.|has the opcode 82",
        "]]b.|has the opcode 98",
        "]]\\x81.|has the opcode 129",
        "Pname\\n.|has the opcode 80",
        "\\x82\\x01.|has the opcode 130",
        "\\x95\\x00.|cannot",
        "hello|has the opcode 104"
      })
  void pickleThatAsksForMoreThanPlainDataIsRefused(String program, String problem)
      throws IOException {
    byte[] bytes = unescape(program);
    if (problem.equals("cannot") || program.equals("hello")) {
      assertBytesRefused(bytes, "pickle cannot be read: ");
    } else {
      assertBytesRefused(
          bytes, "pickle must hold plain lists, dictionaries, texts and numbers but " + problem);
    }
  }

  private static byte[] unescape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\\n", i)) {
        out.append('\n');
        i++;
      } else if (text.startsWith("\\x", i)) {
        out.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
        i += 3;
      } else {
        out.append(text.charAt(i));
      }
    }
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void damagedPicklesAreRefusedWithoutTakingMemory() throws IOException {
    byte[] whole = Files.readAllBytes(TruthFiles.pickle(file, truth().dict()));
    for (int length = 0; length < whole.length; length++) {
      assertBytesRefused(java.util.Arrays.copyOf(whole, length), "pickle cannot be read: ");
    }
    assertBytesRefused(
        unescape("\\x80\\x03X\\xff\\xff\\xff\\x7fabc."),
        "pickle cannot be read: net.razorvine.pickle.PickleException: a text of 2147483647 bytes"
            + " is in the last 8 of the file");
    assertBytesRefused(
        unescape("\\x80\\x03\\x8d\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7fabc."),
        "pickle cannot be read: net.razorvine.pickle.PickleException: a text of"
            + " 9223372036854775807 bytes is in the last 12 of the file");
    // A list that holds itself as the key of a dictionary.
    assertBytesRefused(
        unescape("}]q\\x00h\\x00aK\\x01s."), "pickle cannot be read: java.lang.StackOverflowError");
    assertBytesRefused(unescape("N."), "pickle must hold a value but holds none");
  }

  @Test
  void pickleOfOddSizeIsRefused() throws IOException {
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength((64L << 20) + 1);
    }
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(file + ": pickle must have at most 67108864 bytes but has 67108865");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 64, 127, 128, 200})
  void fileOfMatlabCutOffIsRefused(int length) throws IOException {
    Path mat = truth().matlab(root.resolve("gnd_roxford5k.mat"), true);
    Files.write(mat, java.util.Arrays.copyOf(Files.readAllBytes(mat), length));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(mat + ": ");
  }

  @Test
  void fileOfMatlabWithFlippedBytesIsReadOrRefusedAndNothingElse() throws IOException {
    Path mat = truth().matlab(root.resolve("gnd_roxford5k.mat"), true);
    byte[] whole = Files.readAllBytes(mat);
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    for (int run = 0; run < 300; run++) {
      byte[] bytes = whole.clone();
      int at = 128 + random.nextInt(bytes.length - 128);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(mat, bytes);
      try {
        DataSets.read("roxford5k", root);
      } catch (DataSetException e) {
        assertThat(e).as("seed " + seed + " run " + run).hasMessageStartingWith(mat.toString());
      }
    }
  }

  @Test
  void fileOfMatlabOfOtherVersionOrFormIsRefused() throws IOException {
    Path mat = root.resolve("gnd_roxford5k.mat");
    Files.writeString(mat, "MATLAB 7.3 MAT-file, Platform: GLNXA64");
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(
            mat + ": file of MATLAB must have version 5 but has 7.3; save it again with -v6");
    TruthFiles.write(mat, Mat5.newMatFile().addArray("imlist", TruthFiles.cell(List.of("a"))));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(mat + ": variable gnd is missing");
    TruthFiles.write(mat, Mat5.newMatFile().addArray("gnd", Mat5.newScalar(1)));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(mat + ": gnd must be an array of structures but is of type double");
    TruthFiles.write(
        mat,
        Mat5.newMatFile()
            .addArray("gnd", Mat5.newStruct().set("bbx", TruthFiles.row(List.of(1, 2, 3, 4), 0))));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(mat + ": field gnd(1).easy is missing");
    TruthFiles.write(
        mat, Mat5.newMatFile().addArray("gnd", Mat5.newStruct().set("bbx", Mat5.newString("x"))));
    assertThatThrownBy(() -> DataSets.read("roxford5k", root))
        .hasMessage(mat + ": gnd(1).bbx must be a matrix of numbers but is of type char");
  }

  @Test
  void distractorsAreNeverAnswers() throws IOException {
    read(truth());
    Path million = root.resolve("revisitop1m");
    TruthFiles.touch(million.resolve("jpg"), List.of("ab/1.jpg", "ab/2.jpg", "surplus.jpg"));
    Files.writeString(million.resolve("revisitop1m.txt"), "\uFEFFab/2.jpg\r\n\r\nab/1.jpg\r\n");
    RetrievalDataSet set = DataSets.read("roxford5k-1m", root);
    assertThat(set.name()).isEqualTo("roxford5k-1m");
    assertThat(set.protocols()).isEqualTo(DataSets.read("roxford5k", root).protocols());
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("b", "a", "c", "d", "revisitop1m/ab/2.jpg", "revisitop1m/ab/1.jpg");
    Files.writeString(million.resolve("revisitop1m.txt"), "ab/2.jpg\nab/3.jpg\n");
    assertThatThrownBy(() -> DataSets.read("roxford5k-1m", root))
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(
            million.toRealPath().resolve("revisitop1m.txt") + ":2: image 'ab/3.jpg' is missing: ");
  }

  @Test
  void distractorsOfADirectoryAreAllBelowItSortedByPath() throws IOException {
    RetrievalDataSet set = read(truth());
    Path flickr = root.resolve("flickr");
    TruthFiles.touch(
        flickr, List.of("z.jpg", "paris/1.jpg", "bear/1.JPG", "bear/readme.txt", "bear/._1.jpg"));
    RetrievalDataSet more = DataSets.withDistractors(set, flickr);
    assertThat(more.name()).isEqualTo("roxford5k+3");
    assertThat(new ArrayList<>(more.database()).subList(4, 7))
        .extracting(DataSetImage::id)
        .containsExactly("flickr/bear/1.JPG", "flickr/paris/1.jpg", "flickr/z.jpg");
    Path empty = Files.createDirectory(root.resolve("empty"));
    assertThatThrownBy(() -> DataSets.withDistractors(set, empty))
        .isInstanceOf(DataSetException.class)
        .hasMessage(empty + ": no distractor is there");
    Path absent = root.resolve("absent");
    assertThatThrownBy(() -> DataSets.withDistractors(set, absent))
        .isInstanceOf(DataSetException.class)
        .hasMessage(absent + ": directory of distractors does not exist");
  }

  @Test
  void directoryOfDistractorsMayLieInTheRootOrBesideIt(@TempDir Path parent) throws IOException {
    Path own = Files.createDirectories(parent.resolve("oxford5k"));
    TestImages.write(own.resolve("a.png"), 9, 9, 0);
    new TruthFiles()
        .images("a")
        .query("a", List.of(0, 0, 9, 9), "ok", List.of(0), "junk", List.of())
        .matlab(own.resolve("gnd_oxford5k.mat"), false);
    assertThatThrownBy(() -> DataSets.read("oxford105k", own))
        .isInstanceOf(DataSetException.class)
        .hasMessage(own + ": directory oxc1_100k must be in it or beside it but is not");
    TruthFiles.touch(parent.resolve("oxc1_100k/topic"), List.of("x.jpg"));
    assertThat(DataSets.read("oxford105k", own).database())
        .extracting(DataSetImage::id)
        .containsExactly("a", "oxc1_100k/topic/x.jpg");
    Files.move(parent.resolve("oxc1_100k"), own.resolve("oxc1_100k"));
    assertThat(DataSets.read("oxford105k", own).database())
        .extracting(DataSetImage::id)
        .containsExactly("a", "oxc1_100k/topic/x.jpg");
  }
}
