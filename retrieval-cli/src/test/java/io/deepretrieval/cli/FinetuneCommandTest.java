// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.cli.scene.SceneGenerator;
import io.deepretrieval.testkit.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code finetune} from its arguments to files that the other commands use. */
class FinetuneCommandTest {
  private static final List<String> NETWORK =
      List.of("--backbone", "resnet18", "--seed", "3", "--layer", "layer1", "--pooling", "gem");

  @TempDir static Path shared;
  @TempDir Path temp;

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void draw() throws IOException {
    SceneGenerator.builder()
        .seed(8)
        .landmarks(6)
        .views(6)
        .distractors(0)
        .size(64)
        .build()
        .writeFolders(shared.resolve("train"), done -> {});
  }

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        CommandLines.create(new PrintWriter(out, true), new PrintWriter(err, true), false)
            .execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  private List<String> command(String... more) {
    List<String> all = new ArrayList<>(List.of("finetune"));
    all.addAll(NETWORK);
    all.addAll(
        List.of(
            "--train",
            shared.resolve("train").toString(),
            "--out",
            temp.resolve("out").toString(),
            "--size",
            "48",
            "--classes",
            "4",
            "--rate",
            "1e-3"));
    all.addAll(Arrays.asList(more));
    return all;
  }

  private Outcome finetune(String... more) {
    return run(command(more).toArray(String[]::new));
  }

  @Test
  void theResultIsUsedByTheOtherCommands() throws IOException {
    Outcome outcome =
        finetune(
            "--validation-share",
            "0.34",
            "--projection",
            "8",
            "--learn-p",
            "--train-from",
            "layer1.1",
            "--views",
            "2",
            "--epochs",
            "3",
            "--warm-up",
            "1",
            "--clip",
            "5",
            "--patience",
            "3");
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out)
        .contains("mAP before training is 0.", "epoch 3/3: loss ", ", p ", " after")
        .contains("use it with: --backbone trained --weights ");
    Path out = temp.resolve("out");
    assertThat(out.resolve("training.csv")).exists();
    assertThat(out.resolve("training.html")).exists();
    assertThat(out.resolve("checkpoints/last.ckpt")).exists();
    String line =
        outcome.out.lines().filter(l -> l.startsWith("use it with: ")).findFirst().orElseThrow();
    List<String> extract = new ArrayList<>(List.of("extract"));
    extract.addAll(List.of(line.substring("use it with: ".length()).split(" ")));
    extract.addAll(
        List.of(
            "--images",
            shared.resolve("train").toString(),
            "--out",
            temp.resolve("v.npy").toString()));
    Outcome vectors = run(extract.toArray(String[]::new));
    assertThat(vectors.err).doesNotContain("error");
    assertThat(vectors.out).contains("descriptors of 8 dimensions");
  }

  @Test
  void minesHardNegatives() {
    Outcome outcome =
        finetune(
            "--mine",
            "2",
            "--mine-queries",
            "10",
            "--mine-pool",
            "20",
            "--mine-tuples",
            "3",
            "--epochs",
            "2");
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out).contains("epoch 2/2: loss ");
  }

  /** The clean list to train and the full one to measure on, as a mirror of the set has them. */
  @Test
  void trainsOnListsOfGoogleLandmarks() throws IOException {
    List<Path> images;
    try (Stream<Path> files = Files.walk(shared.resolve("train"))) {
      images = files.filter(Files::isRegularFile).sorted().toList();
    }
    List<Path> folders = images.stream().map(Path::getParent).distinct().toList();
    List<String> ids = new ArrayList<>();
    Map<Integer, StringBuilder> clean = new TreeMap<>();
    StringBuilder full = new StringBuilder("id,url,landmark_id\n");
    for (Path image : images) {
      String id = String.format(Locale.ROOT, "abc%013x", ids.size());
      ids.add(id);
      Path folder = Files.createDirectories(temp.resolve("gldv2/train/a/b/c"));
      Files.copy(image, folder.resolve(id + ".jpg"));
      int landmark = folders.indexOf(image.getParent());
      clean.computeIfAbsent(landmark, l -> new StringBuilder()).append(' ').append(id);
      full.append(id).append(",http://example.org/").append(id).append(",").append(landmark);
      full.append('\n');
    }
    StringBuilder list = new StringBuilder("landmark_id,images\n");
    clean.forEach((landmark, of) -> list.append(landmark + "," + of.substring(1) + "\n"));
    Files.createDirectories(temp.resolve("gldv2/metadata"));
    Files.writeString(temp.resolve("gldv2/metadata/train_clean.csv"), list);
    Files.writeString(temp.resolve("gldv2/metadata/train.csv"), full);
    List<String> command = command("--epochs", "1");
    command.set(
        command.indexOf("--train") + 1, temp.resolve("gldv2/metadata/train_clean.csv").toString());
    command.addAll(List.of("--validate", temp.resolve("gldv2/metadata/train.csv").toString()));
    Outcome outcome = run(command.toArray(String[]::new));
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out).contains("mAP before training is 0.", "epoch 1/1: loss ");
  }

  /** A database whose images lie in folders named by the ends of their ids. */
  @Test
  void trainsOnAnSfmDatabase() throws IOException {
    List<String> cids = new ArrayList<>();
    List<String> clusters = new ArrayList<>();
    List<Path> images;
    try (Stream<Path> files = Files.walk(shared.resolve("train"))) {
      images = files.filter(Files::isRegularFile).sorted().toList();
    }
    List<Path> folders = images.stream().map(Path::getParent).distinct().toList();
    for (Path image : images) {
      String cid = String.format(Locale.ROOT, "%032d", cids.size());
      Path folder =
          Files.createDirectories(
              temp.resolve(
                  "ims/"
                      + cid.substring(30)
                      + "/"
                      + cid.substring(28, 30)
                      + "/"
                      + cid.substring(26, 28)));
      Files.copy(image, folder.resolve(cid));
      cids.add("S'" + cid + "'\na");
      clusters.add("I" + folders.indexOf(image.getParent()) + "\na");
    }
    String lists =
        "S'cids'\n(l"
            + String.join("", cids)
            + "sS'cluster'\n(l"
            + String.join("", clusters)
            + "sS'qidxs'\n(lI0\naI7\nasS'pidxs'\n(lI1\naI8\nas";
    Path file = temp.resolve("sfm.pkl");
    Files.writeString(file, "(dS'train'\n(d" + lists + "sS'val'\n(d" + lists + "s.");
    List<String> all = command("--mine", "1", "--epochs", "1");
    all.set(all.indexOf("--train") + 1, file.toString());
    Outcome outcome = run(all.toArray(String[]::new));
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out).contains("epoch 1/1: loss ");
  }

  @Test
  void aTrainingThatIsDoneIsNotDoneAgain() throws IOException {
    Outcome first = finetune("--epochs", "2", "--loss", "npair", "--projection", "4");
    assertThat(first.code).isZero();
    byte[] weights = Files.readAllBytes(temp.resolve("out/network.safetensors"));
    Outcome second = finetune("--epochs", "2", "--loss", "npair", "--projection", "4");
    assertThat(second.code).isZero();
    assertThat(second.out).doesNotContain("epoch 1/2");
    assertThat(Files.readAllBytes(temp.resolve("out/network.safetensors"))).isEqualTo(weights);
  }

  @ParameterizedTest
  @CsvSource({
    "contrastive, sgd, linear",
    "softmax, adam, exponential",
    "arcface, adam, constant",
    "quantized-ap, adam, cosine"
  })
  void everyLossTrains(String loss, String optimizer, String schedule) {
    Outcome outcome =
        finetune(
            "--loss",
            loss,
            "--optimizer",
            optimizer,
            "--schedule",
            schedule,
            "--epochs",
            "1",
            "--projection",
            "5",
            "--projection-from",
            "random",
            "--no-flip",
            "--validate",
            shared.resolve("train").toString());
    assertThat(outcome.err).doesNotContain("error").contains("validation classes are also trained");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out).contains("epoch 1/1: loss ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--optimizer=lion   | --optimizer must be adam or sgd but was 'lion'",
        "--schedule=steps   | --schedule must be constant, cosine, linear or exponential but was",
        "--projection-from=x | --projection-from must be random or whitening but was 'x'",
        "--loss=hinge       | unknown loss 'hinge'; known: ",
        "--train-from=layer9 | layer9",
        "--scales=1,0.5     | a training must have one scale and no whitening",
        "--loss=npair --per-class=3 | --per-class must be 2 for this loss but was 3",
        "--loss=npair --mine=2 | --mine makes tuples of 4 images but the loss needs 2 of each",
        "--mine=2 --loss-option=rows=5 | --mine makes tuples of 4 images but the loss needs 5 in a",
        "--epochs=0         | epochs must be at least 1 but was 0",
      })
  void saysWhatIsWrong(String arguments, String message) {
    List<String> more = new ArrayList<>(List.of("--projection", "4"));
    more.addAll(List.of(arguments.strip().split(" ")));
    Outcome outcome = finetune(more.toArray(String[]::new));
    assertThat(outcome.err).startsWith("error: ").contains(message);
    assertThat(outcome.code).isEqualTo(2);
  }

  @Test
  void theDefaultOfClassesIsWhatThereIs() throws IOException {
    Path few = temp.resolve("few");
    for (String image : List.of("a/1", "a/2", "b/1", "b/2", "c/1")) {
      Drawn.image(few.resolve(image + ".png"), image.hashCode(), 40);
    }
    List<String> command = command("--epochs", "1", "--projection", "4");
    command.set(command.indexOf("--train") + 1, few.toString());
    Outcome tooMany = run(command.toArray(String[]::new));
    assertThat(tooMany.err).contains("classes a batch must be at most", "2", "4");
    command.remove(command.indexOf("--classes") + 1);
    command.remove("--classes");
    Outcome fitting = run(command.toArray(String[]::new));
    assertThat(fitting.code).as(fitting.err).isZero();
    Files.delete(few.resolve("b/2.png"));
    command.set(command.indexOf("--out") + 1, temp.resolve("other").toString());
    assertThat(run(command.toArray(String[]::new)).err)
        .contains("--train must have at least 2 classes of 2 images or more but has 1 of 3");
    command.addAll(List.of("--per-class", "1"));
    assertThat(run(command.toArray(String[]::new)).err).doesNotContain("--train must have");
  }

  @Test
  void aRunOfOtherOptionsSaysWhichDiffer() {
    assertThat(finetune("--epochs", "1", "--projection", "4").code).isZero();
    List<String> command = command("--epochs", "1", "--projection", "4", "--loss", "npair");
    command.set(command.indexOf("--rate") + 1, "2e-3");
    Outcome other = run(command.toArray(String[]::new));
    assertThat(other.err)
        .contains("must be of this training but differs in\n")
        .contains("  loss=triplet", ", now loss=npair", "rate=0.001", "now ")
        .contains("rate=0.002")
        .doesNotContain("augmentation");
    assertThat(other.code).isNotZero();
  }

  @ParameterizedTest
  @CsvSource({"shrink, ''", "triplet, selection=tuples", "contrastive, selection=tuples"})
  void batchesAreWhatTheLossAsksFor(String loss, String option) {
    List<String> more = new ArrayList<>(List.of("--loss", loss, "--epochs", "1"));
    if (!option.isEmpty()) {
      more.addAll(List.of("--loss-option", option, "--loss-option", "rows=4"));
    }
    Outcome outcome = finetune(more.toArray(String[]::new));
    assertThat(outcome.err).doesNotContain("error");
    assertThat(outcome.code).isZero();
    assertThat(outcome.out).contains("epoch 1/1: loss ");
  }

  @Test
  void helpListsTheLossesOfTheClassPath() {
    assertThat(run("finetune", "--help").out).contains("npair", "quantized-ap", "shrink");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void whenInterruptedItWritesACheckpointAndGoesOnLater(String signal) throws Exception {
    Path env = Path.of("/usr/bin/env");
    Assumptions.assumeTrue(Files.isExecutable(env), "wants env and kill");
    // A shell that runs the tests in the background may have told its children to ignore SIGINT.
    Process process =
        Jvm.of(Main.class, command("--epochs", "2000").toArray(String[]::new))
            .options("-Xmx512m")
            .through(env.toString(), "--default-signal=INT,TERM")
            .startWithErrors();
    StringBuilder said = new StringBuilder();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      while (line != null && !line.startsWith("epoch 2/2000")) {
        said.append(line).append('\n');
        line = out.readLine();
      }
      Assumptions.assumeFalse(
          said.toString().contains("unrecognized option"), "wants env of coreutils 8.31");
      assertThat(line).as(said.toString()).isNotNull();
      assertThat(
              new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                  .start()
                  .waitFor())
          .isZero();
      for (line = out.readLine(); line != null; line = out.readLine()) {
        said.append(line).append('\n');
      }
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(said.toString()).isIn(130, 143);
    assertThat(said).contains("interrupted; run the command again to go on");
    Path checkpoint = temp.resolve("out/checkpoints/last.ckpt");
    assertThat(checkpoint).exists();
    String[] names = Objects.requireNonNull(temp.resolve("out/checkpoints").toFile().list());
    assertThat(names).as("nothing half-written").allMatch(name -> !name.endsWith(".part"));
  }
}
