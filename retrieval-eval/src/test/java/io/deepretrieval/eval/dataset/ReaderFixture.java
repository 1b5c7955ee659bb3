// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.deepretrieval.SearchHit;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.QueryImage;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import io.deepretrieval.eval.TestScorer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** A data set in its layout, made by the test, and rankings of it. */
abstract class ReaderFixture {
  /** Ends the message about a missing image. */
  static final String NO_SUCH =
      " is missing: neither it nor it with one of the endings jpg jpeg png gif bmp tif tiff webp is"
          + " in ";

  @TempDir Path root;
  private final List<String> names;

  /** The first name is what {@link #read} reads; others read the same directory. */
  ReaderFixture(String... names) {
    this.names = List.of(names);
  }

  final RetrievalDataSet read() throws IOException {
    return DataSets.read(names.get(0), root);
  }

  /** Other ways to write a text, all of which {@link DataSets} says are tolerated. */
  private static final Map<String, UnaryOperator<String>> FORMS = forms();

  private static Map<String, UnaryOperator<String>> forms() {
    Map<String, UnaryOperator<String>> forms = new LinkedHashMap<>();
    forms.put("lines that end with CR LF", text -> text.replace("\n", "\r\n"));
    forms.put("lines that end with CR", text -> text.replace("\n", "\r"));
    forms.put("a byte order mark", text -> "\uFEFF" + text);
    forms.put("blank lines", text -> "\n \n" + text.replace("\n", "\n\n \t\n"));
    forms.put("blanks around lines", text -> text.replaceAll("(?m)^(.+)$", "  $1 "));
    forms.put("no last line break", String::stripTrailing);
    forms.put(
        "all of them", text -> "\uFEFF\r\n" + text.replace("\n", " \r\n\r\n ").stripTrailing());
    return forms;
  }

  /** Adds the lists that the set can be read without. */
  void addOptionalLists() {}

  /** Whether the ground truth has text files. */
  boolean hasTexts() {
    return true;
  }

  /** What a set says and how a fixed ranking scores; equal if nothing but the form differs. */
  private record Outcome(
      List<DataSetImage> database, List<Protocol> protocols, List<Map<String, Double>> scores) {}

  private List<Outcome> outcomes() throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (String name : names) {
      RetrievalDataSet set = DataSets.read(name, root);
      outcomes.add(
          new Outcome(
              set.database(),
              set.protocols(),
              random(set, 1).stream().map(ProtocolResult::scores).toList()));
    }
    return outcomes;
  }

  /** Every text of the ground truth in every form, one at a time. */
  @TestFactory
  final List<DynamicTest> formOfATextDoesNotMatter() throws IOException {
    addOptionalLists();
    List<Outcome> plain = outcomes();
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files =
          all.filter(file -> file.toString().matches(".*\\.(txt|csv|tsv|dat)")).sorted().toList();
    }
    if (!hasTexts()) {
      return List.of();
    }
    assertThat(files).isNotEmpty();
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : files) {
      String text = Files.readString(file);
      String relative = root.relativize(file).toString();
      FORMS.forEach(
          (form, change) ->
              tests.add(
                  dynamicTest(
                      relative + " with " + form,
                      () -> {
                        Files.writeString(file, change.apply(text));
                        assertThat(outcomes()).isEqualTo(plain);
                        Files.writeString(file, text);
                      })));
      // Shows that the file is read at all, without which the forms would prove nothing.
      tests.add(
          dynamicTest(
              relative + " in UTF-16",
              () -> {
                Files.write(file, (text + "x").getBytes(StandardCharsets.UTF_16LE));
                assertThatThrownBy(this::outcomes)
                    .isInstanceOf(DataSetException.class)
                    .hasMessage(
                        file.toRealPath()
                            + ": text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
                Files.writeString(file, text);
              }));
    }
    return tests;
  }

  /** Empty files: there, but not decodable. */
  final void touch(String... files) {
    try {
      TruthFiles.touch(root, List.of(files));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A gray image of 40x30 pixels. */
  final void image(String file) {
    TestImages.write(root.resolve(file), 40, 30, 0x808080);
  }

  final void text(String file, String text) {
    text(file, text, StandardCharsets.UTF_8);
  }

  final void text(String file, String text, Charset charset) {
    try {
      Path path = root.resolve(file);
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.write(path, text.getBytes(charset));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final void delete(String file) {
    try {
      Files.delete(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The place is relative to the root; ROOT in the problem is the root. */
  final void assertRefused(String place, String problem) {
    assertThatThrownBy(this::read)
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            (place.isEmpty() ? root : root.resolve(place))
                + ": "
                + problem.replace("ROOT", root.toString()));
  }

  /** Skips the test where the locale has no such file names. */
  final void assumeFileName(String file) {
    boolean possible;
    try {
      possible = root.resolve(file).startsWith(root);
    } catch (InvalidPathException e) {
      possible = false;
    }
    assumeTrue(possible, "skipped: this locale has no file names beyond ASCII");
  }

  /** Right answers, then others, then junk. */
  static List<ProtocolResult> perfect(RetrievalDataSet set) {
    return scored(set, Order.PERFECT, 0);
  }

  /** Junk, then others, then right answers. */
  static List<ProtocolResult> reversed(RetrievalDataSet set) {
    return scored(set, Order.REVERSED, 0);
  }

  static List<ProtocolResult> random(RetrievalDataSet set, long seed) {
    return scored(set, Order.RANDOM, seed);
  }

  private enum Order {
    PERFECT,
    REVERSED,
    RANDOM
  }

  private static List<ProtocolResult> scored(RetrievalDataSet set, Order order, long seed) {
    // The first numbers of Random(0), Random(1), … are alike.
    Random random = new Random(new SplittableRandom(seed).nextLong());
    TestScorer scorer = new TestScorer(set, 1);
    for (QueryImage question : scorer.questions()) {
      Judgments judgments =
          set.queries().stream()
              .filter(query -> QueryImage.of(query).equals(question))
              .findFirst()
              .orElseThrow()
              .judgments();
      List<DataSetImage> images = new ArrayList<>(set.database());
      if (order == Order.RANDOM) {
        Collections.shuffle(images, random);
      } else {
        images.sort(Comparator.comparingInt(image -> rank(image.id(), judgments)));
      }
      if (order == Order.REVERSED) {
        Collections.reverse(images);
      }
      int depth = scorer.depth(images.size());
      List<SearchHit> hits = new ArrayList<>();
      for (DataSetImage image : images.subList(0, depth)) {
        float top = judgments.isPositive(image.id()) ? 0.9f : 0.5f;
        hits.add(new SearchHit(image.id(), top - 1e-3f * hits.size()));
      }
      scorer.found(question, hits);
    }
    return scorer.results();
  }

  private static int rank(String id, Judgments judgments) {
    return judgments.isPositive(id) ? 0 : judgments.junk().contains(id) ? 2 : 1;
  }
}
