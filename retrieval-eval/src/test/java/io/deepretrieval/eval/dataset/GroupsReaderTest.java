// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static io.deepretrieval.eval.dataset.HandScores.randomAp;
import static io.deepretrieval.eval.dataset.HandScores.standard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GroupsReaderTest extends ReaderFixture {
  private static final String HEADER = "image\tgroup\trole\n";

  GroupsReaderTest() {
    super("groups");
  }

  @Override
  void addOptionalLists() {
    text("list.tsv", PLAIN);
  }

  @BeforeEach
  void images() throws IOException {
    Files.createDirectories(root.resolve("jpg/deep"));
    for (String name :
        new String[] {
          "a0.jpg", "a1.JPG", "a2.png", "b0.jpg", "b1.jpeg", "x.v2.jpg", "deep/y.gif"
        }) {
      Files.createFile(root.resolve("jpg").resolve(name));
    }
  }

  private RetrievalDataSet read(String list) throws IOException {
    return read(list.getBytes(StandardCharsets.UTF_8));
  }

  private RetrievalDataSet read(byte[] list) throws IOException {
    Files.write(root.resolve("list.tsv"), list);
    return DataSets.read("groups", root);
  }

  private void assertRefused(String list, int line, String problem) {
    assertThatThrownBy(() -> read(list))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("list.tsv")
                + ":"
                + line
                + ": "
                + problem.replace("ROOT", root.toString()));
  }

  private static final String PLAIN =
      HEADER
          + "a0\ta\tquery\n"
          + "a1\ta\tdatabase\n"
          + "a2\ta\tboth\n"
          + "b0.jpg\tb\tboth\n"
          + "b1\tb\tdatabase\n"
          + "x.v2\t-\tdatabase\n"
          + "deep/y\tlonely\tdatabase\n";

  @Test
  void answersAreTheOtherDatabaseImagesOfTheGroup() throws IOException {
    RetrievalDataSet set = read(PLAIN);
    assertThat(set.name()).isEqualTo("groups");
    assertThat(set.database())
        .extracting(DataSetImage::id)
        .containsExactly("a1", "a2", "b0.jpg", "b1", "x.v2", "deep/y");
    assertThat(set.queries()).hasSize(3);
    assertThat(set.queriesInDatabase()).isEqualTo(2);

    Query a0 = set.queries().get(0);
    assertThat(a0.image()).isEqualTo(new DataSetImage("a0", root.resolve("jpg/a0.jpg")));
    assertThat(a0.box()).isEmpty();
    assertThat(a0.judgments().good()).containsExactly("a1", "a2");
    assertThat(a0.judgments().ok()).isEmpty();
    assertThat(a0.judgments().junk()).isEmpty();

    Query a2 = set.queries().get(1);
    assertThat(a2.judgments().good()).containsExactly("a1");
    assertThat(a2.judgments().junk()).containsExactly("a2");
    assertThat(set.queries().get(2).judgments().good()).containsExactly("b1");
  }

  @ParameterizedTest
  @CsvSource({"a1,a1.JPG", "b0.jpg,b0.jpg", "x.v2,x.v2.jpg", "deep/y,deep/y.gif"})
  void namesMayLackTheEnding(String id, String file) throws IOException {
    assertThat(read(PLAIN).databaseImage(id).orElseThrow().file())
        .isEqualTo(root.resolve("jpg").resolve(file));
  }

  @Test
  void imagesMayLieFlatInTheRoot() throws IOException {
    Path flat = root.resolve("jpg");
    Files.writeString(flat.resolve("list.tsv"), HEADER + "a0\ta\tquery\na1\ta\tdatabase\n");
    assertThat(DataSets.read("groups", flat).database().get(0).file())
        .isEqualTo(flat.resolve("a1.JPG"));
  }

  @Test
  void columnsMayStandInAnyOrderAmongOthers() throws IOException {
    RetrievalDataSet set = read("note\trole\timage\tgroup\nhi\tquery\ta0\ta\n\tdatabase\ta1\ta\n");
    assertThat(set.queries().get(0).judgments().good()).containsExactly("a1");
  }

  @Test
  void lineEndsByteOrderMarkBlankLinesAndBlanksAreTolerated() throws IOException {
    RetrievalDataSet plain = read(PLAIN);
    String[] variants = {
      PLAIN.replace("\n", "\r\n"),
      PLAIN.replace("\n", "\r"),
      "\uFEFF" + PLAIN,
      "\uFEFF\r\n" + PLAIN.replace("\n", "\r\n\r\n  \r\n"),
      PLAIN.replace("\t", " \t "),
      PLAIN.stripTrailing()
    };
    for (String variant : variants) {
      RetrievalDataSet set = read(variant);
      assertThat(set.database()).as(variant).isEqualTo(plain.database());
      assertThat(set.queries()).as(variant).isEqualTo(plain.queries());
    }
  }

  @Test
  void groupsMayBeInUtf8OrLatin1() throws IOException {
    String list = HEADER + "a0\tStraße\tquery\na1\tStraße\tdatabase\n";
    for (Charset charset : new Charset[] {StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1}) {
      assertThat(read(list.getBytes(charset)).queries().get(0).judgments().good())
          .containsExactly("a1");
    }
  }

  @Test
  void imageNamesMayBeInUtf8OrLatin1() throws IOException {
    Path file;
    try {
      file = root.resolve("jpg/façade.jpg");
    } catch (InvalidPathException e) {
      assumeTrue(false, "skipped: this locale has no file names beyond ASCII");
      return;
    }
    Files.createFile(file);
    String list = HEADER + "a0\ta\tquery\nfaçade\ta\tdatabase\n";
    for (Charset charset : new Charset[] {StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1}) {
      assertThat(read(list.getBytes(charset)).database())
          .containsExactly(new DataSetImage("façade", file));
    }
  }

  @Test
  void queryWithoutAnswerIsRead() throws IOException {
    RetrievalDataSet set = read(HEADER + "a0\t-\tquery\na1\t-\tdatabase\n");
    assertThat(set.queries().get(0).judgments().positives()).isEmpty();
  }

  @Test
  void missingImageIsRefused() {
    assertRefused(
        HEADER + "\na0\ta\tquery\nnowhere\ta\tdatabase\n",
        4,
        "image 'nowhere' is missing: neither it nor it with one of the endings jpg jpeg png gif"
            + " bmp tif tiff webp is in ROOT/jpg");
    assertRefused(
        HEADER + "no/where\ta\tquery\n",
        2,
        "image 'no/where' is missing: neither it nor it with one of the endings jpg jpeg png gif"
            + " bmp tif tiff webp is in ROOT/jpg");
  }

  @Test
  void imageOfTwoEndingsIsRefused() throws IOException {
    Files.createFile(root.resolve("jpg/a0.png"));
    assertRefused(
        HEADER + "a0\ta\tquery\n", 2, "image 'a0' must be one file but is a0.jpg and a0.png");
  }

  @Test
  void imageListedTwiceIsRefused() {
    assertRefused(
        HEADER + "a0\ta\tquery\na1\ta\tdatabase\na0\ta\tdatabase\n",
        4,
        "image 'a0' must be listed once but is in line 2 too; a query that is also searched has the"
            + " role both");
    assertRefused(
        HEADER + "a0\ta\tquery\na0.jpg\ta\tdatabase\n",
        3,
        "image 'a0.jpg' must be a file of its own but is that of 'a0'");
  }

  @ParameterizedTest
  @CsvSource({"../list", "/etc/passwd", "deep/../../list.tsv", "."})
  void nameThatLeadsOutOfTheDirectoryIsRefused(String name) {
    assertRefused(
        HEADER + name + "\ta\tquery\n",
        2,
        "image '" + name + "' must lie under ROOT/jpg but does not");
  }

  @Test
  void columnThatIsMissingOrDoubledIsRefused() {
    assertRefused(
        "image\tgroup\na0\ta\n",
        1,
        "column 'role' must be there once but the columns are image, group");
    assertRefused(
        "image\tgroup\trole\tgroup\n",
        1,
        "column 'group' must be there once but the columns are image, group, role, group");
    assertRefused(
        "a0\ta\tquery\n", 1, "column 'image' must be there once but the columns are a0, a, query");
  }

  @Test
  void lineOfOtherLengthIsRefused() {
    assertRefused(HEADER + "a0\ta\n", 2, "line must have 3 fields separated by tabs but has 2");
    assertRefused(
        HEADER + "a0 a query\n", 2, "line must have 3 fields separated by tabs but has 1");
  }

  @Test
  void unknownRoleAndEmptyFieldsAreRefused() {
    assertRefused(
        HEADER + "a0\ta\tQuery\n", 2, "role must be query, database or both but was 'Query'");
    assertRefused(HEADER + "\ta\tquery\n", 2, "image must not be empty");
    assertRefused(HEADER + "a0\t \tquery\n", 2, "group must not be empty");
  }

  @Test
  void listWithoutQueriesOrDatabaseIsRefused() {
    assertThatThrownBy(() -> read(HEADER + "a0\ta\tquery\n"))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("list.tsv") + ": must list queries and database images but lists 1 and 0");
    assertThatThrownBy(() -> read("\n \n"))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("list.tsv")
                + ": must begin with the columns image, group, role but is empty");
  }

  @Test
  void textInUtf16IsRefused() {
    assertThatThrownBy(() -> read(PLAIN.getBytes(StandardCharsets.UTF_16LE)))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            root.resolve("list.tsv")
                + ": text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
  }

  @Test
  void missingListOrDirectoryIsRefused() {
    assertThatThrownBy(() -> DataSets.read("groups", root))
        .isInstanceOf(DataSetException.class)
        .hasMessage(root.resolve("list.tsv") + ": file does not exist");
    assertThatThrownBy(() -> DataSets.read("groups", root.resolve("nowhere")))
        .isInstanceOf(DataSetException.class)
        .hasMessage(root.resolve("nowhere") + ": data set directory does not exist");
  }

  @Test
  void unknownDataSetListsTheKnownOnes() {
    assertThatThrownBy(() -> DataSets.read("oxford", root))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown data set 'oxford'; known: " + String.join(", ", DataSets.names()));
    assertThat(DataSets.names())
        .containsExactly(
            "dupimage",
            "flickrlogos32",
            "flickrlogos32-boxes",
            "flickrlogos47",
            "gldv1",
            "gldv1-recognition",
            "gldv2",
            "gldv2-recognition",
            "gldv2-recognition-full",
            "groups",
            "holidays",
            "holidays-upright",
            "instre",
            "oxford105k",
            "oxford5k",
            "paris106k",
            "paris6k",
            "roxford5k",
            "roxford5k-1m",
            "rparis6k",
            "rparis6k-1m",
            "sculptures6k",
            "smvs",
            "ukbench",
            "zubud");
  }

  @Test
  void realListsAreRead() throws IOException {
    RetrievalDataSet stamps = DataSets.read("groups", SharedFiles.require("data/stamps/test"));
    assertThat(stamps.queries()).hasSize(50);
    assertThat(stamps.database()).hasSize(300);
    assertThat(stamps.queries())
        .allSatisfy(query -> assertThat(query.judgments().good()).hasSize(4));
    RetrievalDataSet landmarks = DataSets.read("groups", SharedFiles.require("data/landmarks"));
    assertThat(landmarks.queries()).hasSize(12);
    assertThat(landmarks.database()).hasSize(96);
    assertThat(landmarks.queriesInDatabase()).isZero();
  }

  /** Two right answers among six; one among five without the query itself, twice. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read(PLAIN);
    double p10 = (2 / 10.0 + 1 / 10.0 + 1 / 10.0) / 3;
    assertScores(perfect(set), "standard", standard(1, 1, (2 / 5.0 + 1 / 5.0 + 1 / 5.0) / 3, p10));
    // Right at 5 and 6; at 5.
    double two = ((0 + 1 / 5.0) / 2 + (1 / 5.0 + 2 / 6.0) / 2) / 2;
    double one = (0 + 1 / 5.0) / 2;
    assertScores(reversed(set), "standard", standard((two + one + one) / 3, 0, 1 / 5.0, p10));
    double p = (2 / 6.0 + 1 / 5.0 + 1 / 5.0) / 3;
    assertRandom(
        set,
        "standard",
        standard((randomAp(2, 6) + randomAp(1, 5) + randomAp(1, 5)) / 3, p, p, p10));
  }
}
