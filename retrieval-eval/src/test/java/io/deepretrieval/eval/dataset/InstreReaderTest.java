// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.dataset.HandScores.assertRandom;
import static io.deepretrieval.eval.dataset.HandScores.assertScores;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class InstreReaderTest extends ReaderFixture {
  private static final String TRUTH = "gnd_instre.mat";

  InstreReaderTest() {
    super("instre");
  }

  private static TruthFiles truth() {
    return new TruthFiles()
        .images("INSTRE-S1/01a/002.jpg", "INSTRE-S2/51_x/002.jpg", "INSTRE-M/01/002.jpg")
        .query("INSTRE-S1/01a/001.jpg", List.of(1, 2, 30, 20), "ok", List.of(0, 2))
        .query("INSTRE-S2/51_x/001.jpg", List.of(0, 0, 40, 30), "ok", List.of(1))
        .query("INSTRE-M/01/001.jpg", List.of(5, 5, 10, 10), "ok", List.of(2));
  }

  /** The boxes beside the images are not read. */
  @Override
  boolean hasTexts() {
    return false;
  }

  @BeforeEach
  void layout() throws IOException {
    for (Object image : truth().images) {
      image((String) image);
    }
    for (Object query : truth().queries) {
      image((String) query);
    }
    text("INSTRE-S1/01a/001.txt", "1 2 29 18\n");
    truth().matlab(root.resolve(TRUTH), true);
  }

  @Test
  void partsAreProtocolsThatSearchEverything() throws IOException {
    RetrievalDataSet set = read();
    assertThat(set.name()).isEqualTo("instre");
    assertThat(set.database()).hasSize(3);
    assertThat(set.database().get(0))
        .isEqualTo(
            new DataSetImage("INSTRE-S1/01a/002.jpg", root.resolve("INSTRE-S1/01a/002.jpg")));
    assertThat(set.protocols()).extracting(Protocol::name).containsExactly("all", "s1", "s2", "m");
    assertThat(set.queries()).hasSize(3);
    Query first = set.protocols().get(1).queries().get(0);
    assertThat(first.box()).contains(new Box(1, 2, 30, 20));
    assertThat(first.judgments().good())
        .containsExactly("INSTRE-S1/01a/002.jpg", "INSTRE-M/01/002.jpg");
    assertThat(set.queriesInDatabase()).isZero();
  }

  @Test
  void damagedSetsAreRefused() throws IOException {
    delete("INSTRE-M/01/002.jpg");
    assertRefused(TRUTH, "imlist: image 'INSTRE-M/01/002.jpg'" + NO_SUCH + "ROOT");
    image("INSTRE-M/01/002.jpg");
    TruthFiles outside = truth();
    outside.gnd(1).put("bbx", List.of(41, 0, 50, 10));
    outside.matlab(root.resolve(TRUTH), true);
    assertRefused(
        TRUTH, "gnd(2).bbx: box must overlap the image of 40x30 pixels but was 41.0,0.0,50.0,10.0");
    TruthFiles unknown = truth();
    unknown.gnd(2).put("ok", List.of(3));
    unknown.matlab(root.resolve(TRUTH), true);
    assertRefused(
        TRUTH, "gnd(3).ok(1): number of an image must be a whole number from 1 to 3 but was 4.0");
    truth().images("INSTRE-M/01/002.jpg").matlab(root.resolve(TRUTH), true);
    assertRefused(
        TRUTH, "imlist(4): image 'INSTRE-M/01/002.jpg' must be listed once but is imlist(3) too");
    truth().images("../elsewhere.jpg").matlab(root.resolve(TRUTH), true);
    assertRefused(TRUTH, "imlist: image '../elsewhere.jpg' must lie under ROOT but does not");
    delete(TRUTH);
    assertRefused("", "ground truth gnd_instre.pkl or .mat is missing");
  }

  @Test
  void queryAskedTwiceIsRefused() throws IOException {
    truth()
        .query("INSTRE-S1/01a/001.jpg", List.of(1, 2, 30, 20), "ok", List.of(1))
        .matlab(root.resolve(TRUTH), true);
    assertRefused(
        TRUTH,
        "gnd(4): query 'INSTRE-S1/01a/001.jpg' with the box 1.0,2.0,30.0,20.0 must be asked once but"
            + " is in gnd(1) too");
  }

  @Test
  void namesMayBeBeyondAsciiInBothKindsOfFile() throws IOException {
    assumeFileName("INSTRE-S2/éléphant/001.jpg");
    image("INSTRE-S2/éléphant/001.jpg");
    image("INSTRE-S2/éléphant/002.jpg");
    TruthFiles truth =
        truth()
            .images("INSTRE-S2/éléphant/002.jpg")
            .query("INSTRE-S2/éléphant/001.jpg", List.of(1, 2, 3, 4), "ok", List.of(3));
    truth.matlab(root.resolve(TRUTH), true);
    RetrievalDataSet matlab = read();
    assertThat(matlab.queries().get(3).judgments().good())
        .containsExactly("INSTRE-S2/éléphant/002.jpg");
    delete(TRUTH);
    TruthFiles.pickle(root.resolve("gnd_instre.pkl"), truth.dict());
    assertThat(read().protocols()).isEqualTo(matlab.protocols());
  }

  /** Among three images, two are right for the query of S1 and one for the others. */
  @Test
  void perfectReversedAndRandomRankingsAreHandComputed() throws IOException {
    RetrievalDataSet set = read();
    // Right at 2 and 3; at 3.
    double reversedTwo = ((0 + 1 / 2.0) / 2 + (1 / 2.0 + 2 / 3.0) / 2) / 2;
    double reversedOne = (0 + 1 / 3.0) / 2;
    // Places 1 2, 1 3, 2 3; places 1, 2, 3.
    double randomTwo = (1 + (1 + (1 / 2.0 + 2 / 3.0) / 2) / 2 + reversedTwo) / 3;
    double randomOne = (1 + (0 + 1 / 2.0) / 2 + reversedOne) / 3;
    for (String protocol : List.of("all", "s1", "s2", "m")) {
      // Queries with two right answers and with one.
      int twos = protocol.equals("all") || protocol.equals("s1") ? 1 : 0;
      int ones = protocol.equals("all") ? 2 : 1 - twos;
      double queries = twos + ones;
      double right = (2 * twos + ones) / queries;
      assertScores(perfect(set), protocol, scores(1, 1, right / 10));
      assertScores(
          reversed(set),
          protocol,
          scores((twos * reversedTwo + ones * reversedOne) / queries, 0, right / 10));
      assertRandom(
          set,
          protocol,
          scores((twos * randomTwo + ones * randomOne) / queries, right / 3, right / 10));
    }
  }

  private static Map<String, Double> scores(double ap, double p1, double p10) {
    return Map.of("mAP", ap, "P@1", p1, "P@10", p10);
  }
}
