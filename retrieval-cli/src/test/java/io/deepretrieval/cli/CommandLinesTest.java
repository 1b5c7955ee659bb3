// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.cli.scene.SceneGenerator;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.index.NumpyFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command from its arguments to its files, exit code and lines. */
class CommandLinesTest {
  private static final List<String> NETWORK =
      List.of("--backbone", "resnet18", "--seed", "3", "--layer", "layer2", "--pooling", "gem");

  @TempDir static Path drawn;

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void draw() throws IOException {
    SceneGenerator.builder()
        .seed(2)
        .landmarks(2)
        .views(7)
        .distractors(6)
        .size(96)
        .build()
        .writeOxford(drawn, done -> {});
  }

  private static Outcome run(List<String> extraction, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(extraction);
    int code =
        CommandLines.create(new PrintWriter(out, true), new PrintWriter(err, true), false)
            .execute(all.toArray(String[]::new));
    return new Outcome(code, out.toString(), err.toString());
  }

  private static String jpg() {
    return drawn.resolve("jpg").toString();
  }

  private static String image() throws IOException {
    try (Stream<Path> files = Files.list(drawn.resolve("jpg"))) {
      return files.sorted().findFirst().orElseThrow().toString();
    }
  }

  @Test
  void extractsAMatrixAndItsNamesAndSkipsWhatIsNoImage(@TempDir Path temp) throws IOException {
    Path images = Files.createDirectories(temp.resolve("images/inner"));
    Files.copy(Path.of(image()), images.resolve("b.jpg"));
    Files.copy(Path.of(image()), temp.resolve("images/a.jpg"));
    Files.writeString(temp.resolve("images/broken.png"), "not an image");
    Files.writeString(temp.resolve("images/notes.txt"), "no image either");
    Path out = temp.resolve("vectors.npy");
    Outcome outcome =
        run(
            NETWORK,
            "extract",
            "--images",
            temp.resolve("images").toString(),
            "--out",
            out.toString());
    assertThat(outcome.err).contains("warning: skipped: cannot decode ", "broken.png");
    assertThat(outcome.out).contains("2 descriptors of 128 dimensions in " + out, "1 skipped");
    assertThat(outcome.code).isZero();
    assertThat(temp.resolve("vectors.txt")).hasContent("a.jpg\ninner/b.jpg");
    List<float[]> rows = new ArrayList<>();
    assertThat(NumpyFiles.read(out, rows::add)).isEqualTo(128);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0)).isEqualTo(rows.get(1));
  }

  @Test
  void takesWholeCheckpoints(@TempDir Path temp) throws IOException {
    Path file = temp.resolve("dir.pt");
    try (InputStream in = CommandLinesTest.class.getResourceAsStream("/checkpoints/dir.pt")) {
      Files.copy(Objects.requireNonNull(in, "dir.pt"), file);
    }
    String out = temp.resolve("v.npy").toString();
    List<String> checkpoint = List.of("--checkpoint", file.toString());
    Outcome whitened =
        run(
            checkpoint,
            "extract",
            "--images",
            jpg(),
            "--out",
            out,
            "--image-size",
            "90",
            "--scales",
            "1,0.9",
            "--checkpoint-whitening",
            "Landmarks_clean");
    assertThat(whitened.code).isZero();
    assertThat(whitened.out)
        .contains("20 descriptors of 16 dimensions", "pca-whitening power=0.25");
    Outcome evaluated =
        run(
            checkpoint,
            "evaluate",
            "--dataset",
            "oxford5k",
            "--root",
            drawn.toString(),
            "--checkpoint-whitening",
            "Landmarks_clean");
    assertThat(evaluated.out).contains("mAP ");
    assertUsage(
        run(checkpoint, "extract", "--images", jpg(), "--out", out, "--pooling", "mac"),
        "error: --pooling must not go with --checkpoint, which says it itself");
    assertUsage(
        run(NETWORK, "extract", "--images", jpg(), "--out", out, "--checkpoint-whitening", "x"),
        "error: --checkpoint-whitening must go with --checkpoint");
    Outcome trunk =
        run(
            List.of("--weights", file.toString(), "--backbone", "resnet18"),
            "extract",
            "--images",
            jpg(),
            "--out",
            out);
    assertThat(trunk.code).isEqualTo(1);
    assertThat(trunk.err).contains("lack [] and have unused [adpool.p]; RetrievalCheckpoint");
    Outcome lenient =
        run(
            List.of("--weights", file.toString(), "--backbone", "resnet18", "--no-strict"),
            "extract",
            "--images",
            jpg(),
            "--out",
            out);
    assertThat(lenient.out).contains("20 descriptors of 512 dimensions");
  }

  private static List<float[]> vectors(List<String> network, Path out) throws IOException {
    Outcome outcome = run(network, "extract", "--images", jpg(), "--out", out.toString());
    assertThat(outcome.code).as(outcome.err).isZero();
    List<float[]> rows = new ArrayList<>();
    assertThat(NumpyFiles.read(out, rows::add)).isEqualTo(64);
    return rows;
  }

  @Test
  void exportsANetworkOfOptionsAndOfACheckpoint(@TempDir Path temp) throws IOException {
    Path out = temp.resolve("net.onnx");
    List<String> network = List.of("--backbone", "resnet18", "--seed", "3", "--layer", "layer1");
    Outcome outcome = run(network, "export", "--out", out.toString());
    assertThat(outcome.out)
        .isEqualTo(
            "resnet18 to layer1, 64 channels, stride 4, in "
                + out
                + "; "
                + Files.size(out)
                + " bytes"
                + System.lineSeparator());
    assertThat(outcome.code).isZero();
    // layer1 has 157,312 weights and biases of 4 bytes
    assertThat(Files.size(out)).isBetween(629_248L, 640_000L);

    List<float[]> plan = vectors(network, temp.resolve("plan.npy"));
    List<String> exported = List.of("--backbone", "onnx", "--weights", out.toString());
    List<float[]> onnx = vectors(exported, temp.resolve("onnx.npy"));
    assertThat(onnx).hasSize(20).hasSameSizeAs(plan);
    for (int i = 0; i < plan.size(); i++) {
      assertThat(onnx.get(i)).containsExactly(plan.get(i), within(1e-4f));
    }

    Path checkpoint = temp.resolve("dir.pt");
    try (InputStream in = CommandLinesTest.class.getResourceAsStream("/checkpoints/dir.pt")) {
      Files.copy(Objects.requireNonNull(in, "dir.pt"), checkpoint);
    }
    Outcome whole =
        run(List.of(), "export", "--checkpoint", checkpoint.toString(), "--out", out.toString());
    assertThat(whole.out).startsWith("resnet18 to layer4, 512 channels, stride 32, in " + out);
    assertThat(Files.size(out)).isGreaterThan(44_000_000L);
  }

  @Test
  void exportSaysWhatItCannotDo(@TempDir Path temp) throws IOException {
    String out = temp.resolve("net.onnx").toString();
    assertUsage(
        run(NETWORK, "export", "--out", out),
        "error: --pooling must not be given: what follows the network is left out");
    assertUsage(
        run(List.of("--scales", "1,0.5"), "export", "--out", out),
        "error: --scales must not be given: what follows the network is left out");
    assertUsage(
        run(List.of("--seed", "1", "--checkpoint", "dir.pt"), "export", "--out", out),
        "error: --seed must not go with --checkpoint, which says it itself");
    assertUsage(
        run(List.of("--seed", "1"), "export", "--out", "net.bin"),
        "error: --out must end with .onnx but was 'net.bin'");
    assertUsage(
        run(List.of("--backbone", "resnet18", "--layer", "fc"), "export", "--out", out),
        "error: backbone resnet18 must be cut at layer1, layer2, layer3 or layer4 but was cut at"
            + " 'fc'");
    Outcome nowhere =
        run(
            List.of("--backbone", "resnet18", "--layer", "layer1", "--seed", "1"),
            "export",
            "--out",
            temp.resolve("absent").resolve("net.onnx").toString());
    assertThat(nowhere.code).isEqualTo(1);
    assertThat(nowhere.err).contains("error: no such file: ");
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void indexesSearchesAndAddsOnlyWhatIsNew(@TempDir Path temp) throws IOException {
    String store = temp.resolve("store").toString();
    Outcome first = run(NETWORK, "index", "--images", jpg(), "--store", store);
    assertThat(first.out).contains("20 added, 0 there before, 0 skipped; ");
    assertThat(first.code).isZero();
    Outcome second = run(NETWORK, "index", "--images", jpg(), "--store", store);
    assertThat(second.out).contains("0 added, 20 there before, 0 skipped; ");
    Outcome found = run(NETWORK, "search", "--store", store, "--query", image(), "-k", "3");
    assertThat(found.out.lines().toList()).hasSize(3);
    assertThat(found.out)
        .startsWith("1\t1.0000\t" + Path.of(image()).getFileName() + System.lineSeparator());
    Outcome part =
        run(
            NETWORK,
            "search",
            "--store",
            store,
            "--query",
            image(),
            "--box",
            "5,5,60,60",
            "-k",
            "1");
    assertThat(part.code).isZero();
    List<String> other = List.of("--backbone", "resnet18", "--seed", "4", "--layer", "layer2");
    Outcome refused = run(other, "search", "--store", store, "--query", image());
    assertThat(refused.code).isEqualTo(1);
    assertThat(refused.err.lines().toList()).hasSize(1);
    assertThat(refused.err)
        .startsWith("error: query 0 must have the recipe [backbone=resnet18; weights=")
        .contains("] but has [backbone=resnet18; weights=");
    Outcome mixed = run(other, "index", "--images", jpg(), "--store", store);
    assertThat(mixed.code).isEqualTo(1);
    assertThat(mixed.err).contains("must have the recipe");
  }

  @Test
  void evaluatesAndWritesReportAndFigures(@TempDir Path temp) throws IOException {
    Path report = temp.resolve("report.html");
    Path json = temp.resolve("result.json");
    Outcome outcome =
        run(
            NETWORK,
            "evaluate",
            "--dataset",
            "oxford5k",
            "--root",
            drawn.toString(),
            "--report",
            report.toString(),
            "--json",
            json.toString());
    assertThat(outcome.code).isZero();
    assertThat(outcome.out)
        .contains("oxford5k: 10 queries, 20 database images", "  pooling: gem p=3")
        .containsPattern("random mAP 0\\.\\d{4}")
        .containsPattern("(?m)^mAP 0\\.\\d{4}$");
    assertThat(report).content().contains("<!DOCTYPE html>", "data:image/jpeg;base64,");
    assertThat(json).content().containsPattern("\"meanAveragePrecision\": ?0\\.");
  }

  @Test
  void evaluatesByEachProtocolOfASetAmongDistractors(@TempDir Path temp) throws IOException {
    for (String category : List.of("book_covers", "landmarks")) {
      Path own = temp.resolve("smvs").resolve(category);
      for (String directory : List.of("Reference", "Canon")) {
        Files.createDirectories(own.resolve(directory));
        Files.copy(Path.of(image()), own.resolve(directory).resolve("001.jpg"));
      }
    }
    Path distractors = Files.createDirectories(temp.resolve("more"));
    Files.copy(Path.of(image()), distractors.resolve("x.jpg"));
    Outcome outcome =
        run(
            NETWORK,
            "evaluate",
            "--dataset",
            "smvs",
            "--root",
            temp.resolve("smvs").toString(),
            "--distractors",
            distractors.toString());
    assertThat(outcome.code).as(outcome.err).isZero();
    // All images are one, so the first of the database is the first hit of both.
    assertThat(outcome.out.lines().toList())
        .contains(
            "smvs+1: 2 queries, 3 database images",
            "all: success@1 0.5000, mAP 0.6250 over 2 queries",
            "book_covers: success@1 1.0000, mAP 1.0000 over 1 queries",
            "landmarks: success@1 0.0000, mAP 0.2500 over 1 queries")
        .endsWith("success@1 0.5000");
    Outcome absent =
        run(
            NETWORK,
            "evaluate",
            "--dataset",
            "smvs",
            "--root",
            temp.resolve("smvs").toString(),
            "--distractors",
            temp.resolve("none").toString());
    assertThat(absent.code).isEqualTo(1);
    assertThat(absent.err.strip())
        .isEqualTo("error: " + temp.resolve("none") + ": directory of distractors does not exist");
  }

  @Test
  void fitsAWhiteningAndWarnsIfItIsTestedOnTheSameData(@TempDir Path temp) {
    String file = temp.resolve("whitening.lin").toString();
    List<String> fit =
        List.of("whiten", "--images", jpg(), "--out", file, "--dimension", "8", "--name");
    Outcome other = run(NETWORK, with(fit, "others"));
    assertThat(other.code).as(other.err).isZero();
    assertThat(other.out)
        .startsWith("pca-whitening power=0.5 shrinkage=0.0 128->8 fitted-on=others n=20 ")
        .contains("; 0 skipped");
    List<String> evaluate =
        List.of("evaluate", "--dataset", "oxford5k", "--root", drawn.toString(), "--whitening");
    Outcome clean = run(NETWORK, with(evaluate, file));
    assertThat(clean.code).isZero();
    assertThat(clean.out)
        .contains("fitted-on=others")
        .containsPattern("(?m)^mAP 0\\.\\d{4}$")
        .doesNotContain("warning");
    run(NETWORK, with(fit, "Oxford5k"));
    assertThat(run(NETWORK, with(evaluate, file)).out)
        .contains("warning: the whitening was fitted on the data that it is tested on");
    assertUsage(
        run(NETWORK, "whiten", "--images", jpg(), "--out", file, "--dimension", "129"),
        "error: --dimension must be in [1, 128] but was 129");
  }

  private static String[] with(List<String> arguments, String last) {
    List<String> all = new ArrayList<>(arguments);
    all.add(last);
    return all.toArray(String[]::new);
  }

  @Test
  void wrongUsageIsOneLineAndCodeTwo(@TempDir Path temp) {
    String store = temp.resolve("store").toString();
    assertUsage(
        run(List.of()),
        "error: a command must be given, one of duplicates, evaluate, experiment, export,"
            + " extract, finetune, index, leaks, quickstart, search, store, weights, whiten");
    assertUsage(
        run(List.of(), "extract", "--out", "x.npy"),
        "error: Missing required option: '--images=DIR'");
    assertUsage(
        run(List.of("--backbone", "resnet19"), "index", "--images", jpg(), "--store", store),
        "error: unknown backbone 'resnet19'; known: alexnet, keras, onnx, patch, resnet101,"
            + " resnet152, resnet18, resnet34, resnet50, trained, vgg16");
    assertUsage(
        run(List.of("--pooling", "max"), "index", "--images", jpg(), "--store", store),
        "error: unknown pooling 'max'; known: ");
    assertUsage(
        run(List.of("--backbone", "keras"), "index", "--images", jpg(), "--store", store),
        "error: backbone keras must have the option weights");
    assertUsage(
        run(List.of("--p", "many"), "index", "--images", jpg(), "--store", store),
        "error: Invalid value for option '--p'");
    assertUsage(
        run(NETWORK, "evaluate", "--dataset", "oxford", "--root", "."),
        "error: unknown data set 'oxford'; known: "
            + String.join(", ", DataSets.names())
            + " (see 'retrieval evaluate --help')");
    assertUsage(
        run(NETWORK, "search", "--store", store, "--query", "x.jpg", "--box", "1,2,3"),
        "error: box must be x1,y1,x2,y2 but was '1,2,3'");
    assertUsage(
        run(NETWORK, "search", "--store", store, "--query", "x.jpg", "-k", "0"),
        "error: k must be at least 1 but was 0");
  }

  private static void assertUsage(Outcome outcome, String start) {
    assertThat(outcome.err.lines().toList()).as(outcome.err).hasSize(1);
    assertThat(outcome.err).startsWith(start).contains(" --help')");
    assertThat(outcome.code).isEqualTo(2);
  }

  @Test
  void failureIsOneLineAndCodeOne(@TempDir Path temp) {
    String absent = temp.resolve("absent").toString();
    Outcome noImages =
        run(NETWORK, "extract", "--images", absent, "--out", temp.resolve("v.npy").toString());
    assertThat(noImages.err.strip()).isEqualTo("error: not a directory: " + absent);
    assertThat(noImages.code).isEqualTo(1);
    Outcome noStore = run(NETWORK, "search", "--store", absent, "--query", "x.jpg");
    assertThat(noStore.err).startsWith("error: no such file: " + absent);
    assertThat(noStore.code).isEqualTo(1);
    Outcome noData = run(NETWORK, "evaluate", "--dataset", "groups", "--root", absent);
    assertThat(noData.err.lines().toList()).hasSize(1);
    assertThat(noData.err.strip())
        .isEqualTo("error: " + absent + ": data set directory does not exist");
    assertThat(noData.code).isEqualTo(1);
    Outcome trace = run(NETWORK, "evaluate", "--debug", "--dataset", "groups", "--root", absent);
    assertThat(trace.err).contains("at io.deepretrieval.");
    assertThat(trace.code).isEqualTo(1);
  }

  @Test
  void searchesAmongWhatWasNoted(@TempDir Path temp) throws IOException {
    Path notes = temp.resolve("notes.tsv");
    String name = Path.of(image()).getFileName().toString();
    Files.writeString(notes, "image\tcity\tyear\n" + name + "\tOslo\t1950\n");
    String store = temp.resolve("store").toString();
    Outcome indexed =
        run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes.toString());
    assertThat(indexed.out).contains("20 added, 0 there before, 0 skipped; ");
    Outcome found =
        run(NETWORK, "search", "--store", store, "--query", image(), "--where", "city=Oslo");
    assertThat(found.out.lines().toList()).hasSize(1);
    assertThat(found.out).contains(name);
    Outcome none =
        run(NETWORK, "search", "--store", store, "--query", image(), "--where", "city=Rome");
    assertThat(none.out).isEmpty();
    assertThat(none.code).isZero();
    Outcome both =
        run(
            NETWORK,
            "search",
            "--store",
            store,
            "--query",
            image(),
            "--where",
            "city=Rome",
            "--where",
            "city=Oslo");
    assertThat(both.out).isEmpty();
    assertUsage(
        run(NETWORK, "search", "--store", store, "--query", image(), "--where", "city"),
        "error: --where must be NAME=VALUE but was 'city'");
    Outcome unknown =
        run(NETWORK, "search", "--store", store, "--query", image(), "--where", "town=Oslo");
    assertThat(unknown.err).startsWith("error: field must be one of city, year but was 'town'");
    assertThat(unknown.code).isEqualTo(2);
    Files.writeString(notes, "image\tcity\na.jpg\tOslo\t1950\n");
    Outcome wide =
        run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes.toString());
    assertThat(wide.err.strip())
        .isEqualTo("error: metadata must have 2 columns but line 2 has 3: " + notes);
    Files.writeString(notes, "image\tcity\tcity\na.jpg\tOslo\tRome\n");
    assertThat(
            run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes + "")
                .err)
        .contains("names of metadata must not be empty, have '=' or stand twice but one is 'city'");
    Files.writeString(notes, "image\tcity\nno/such.jpg\tOslo\n");
    assertThat(
            run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes + "")
                .err)
        .contains("metadata name 1 images that are not below --images, for instance 'no/such.jpg'");
    Files.writeString(notes, "image\tcity\na.jpg\tOslo\n\na.jpg\tRome\n");
    Outcome twice =
        run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes.toString());
    assertThat(twice.err.strip())
        .isEqualTo(
            "error: metadata must name an image once but line 4 has 'a.jpg' again: " + notes);
    Files.writeString(notes, "");
    Outcome empty =
        run(NETWORK, "index", "--images", jpg(), "--store", store, "--metadata", notes.toString());
    assertThat(empty.err.strip())
        .isEqualTo("error: metadata must begin with a line of names but are empty: " + notes);
  }

  @Test
  void aImageThatCannotBeReadIsTriedAgainWhenAsked(@TempDir Path temp) throws IOException {
    Path images = Files.createDirectories(temp.resolve("images"));
    Files.copy(Path.of(image()), images.resolve("a.jpg"));
    Files.writeString(images.resolve("b.jpg"), "not yet an image");
    String store = temp.resolve("store").toString();
    String[] index = {"index", "--images", images.toString(), "--store", store};
    Outcome first = run(NETWORK, index);
    assertThat(first.err).contains("warning: skipped: ", "b.jpg");
    assertThat(first.out).contains("1 added, 0 there before, 1 skipped; ");
    Files.delete(images.resolve("b.jpg"));
    Files.copy(Path.of(image()), images.resolve("b.jpg"));
    assertThat(run(NETWORK, index).out).contains("0 added, 2 there before, 0 skipped; ");
    List<String> again = new ArrayList<>(NETWORK);
    again.add("--again");
    assertThat(run(again, index).out).contains("1 added, 1 there before, 0 skipped; ");
  }

  @Test
  void quickstartRefusesADirectoryThatIsNotEmpty(@TempDir Path temp) throws IOException {
    Files.writeString(temp.resolve("mine.txt"), "keep");
    Outcome outcome = run(List.of(), "quickstart", "--out", temp.toString());
    assertThat(outcome.err.strip())
        .isEqualTo("error: output directory must be empty but is not: " + temp);
    assertThat(outcome.code).isEqualTo(1);
  }

  @Test
  void quickstartGoesTheWholeWay(@TempDir Path temp) throws IOException {
    Path json = temp.resolve("q.json");
    Outcome outcome =
        run(
            List.of(),
            "quickstart",
            "--epochs",
            "1",
            "--training-landmarks",
            "4",
            "--out",
            temp.resolve("out").toString(),
            "--json",
            json.toString());
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    double random = figure(outcome.out, "random mAP ");
    double map = figure(outcome.out.replace("random mAP", ""), "mAP ");
    assertThat(map).as("better than chance").isGreaterThan(1.5 * random);
    assertThat(temp.resolve("out/report.html")).exists();
    assertThat(temp.resolve("out/training.html")).exists();
    assertThat(temp.resolve("out/landmarks/gt")).isNotEmptyDirectory();
    assertThat(outcome.out)
        .containsPattern("not trained on: 0\\.\\d+ before, 0\\.\\d+ after fine-tuning");
  }

  private static double figure(String text, String name) {
    int at = text.indexOf(name) + name.length();
    return Double.parseDouble(text.substring(at, at + 6));
  }

  @Test
  void everyCommandHasHelp() {
    for (String command :
        List.of(
            "quickstart",
            "extract",
            "whiten",
            "index",
            "search",
            "evaluate",
            "finetune",
            "leaks",
            "export",
            "experiment")) {
      Outcome outcome = run(List.of(), command, "--help");
      assertThat(outcome.code).isZero();
      assertThat(outcome.out).startsWith("Usage: retrieval " + command);
    }
  }

  @Test
  void helpListsTheDataSetsOfTheClassPath() {
    String help = run(List.of(), "evaluate", "--help").out.replaceAll("\\s+", " ");
    assertThat(help).contains("One of " + String.join(", ", DataSets.names()) + ";");
  }
}
