// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.cli.run.ResultTable;
import io.deepretrieval.cli.scene.SceneGenerator;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentCommandTest {
  private static final String HEADER =
      "id,network,pooling,dimension,loss,training,checkpoint,file,source,note,";

  @TempDir Path temp;

  @Test
  void theSeedsTableIsWhole() throws IOException {
    ResultTable seed = ResultTable.read(ResultTable.SEED);
    Set<String> columns = new HashSet<>();
    for (ResultTable.Row row : seed.rows()) {
      assertThat(row.published()).as(row.id()).isNotEmpty();
      assertThat(row.published().values()).allMatch(value -> value > 0.1 && value < 1);
      row.published().keySet().forEach(column -> columns.add(column.dataSet()));
      assertThat(row.single()).as(row.id()).isEqualTo(row.single() || row.id().endsWith(":single"));
      assertThat(Providers.backbones().names()).contains(row.network());
      assertThat(Providers.poolings().names()).contains(row.pooling());
    }
    assertThat(DataSets.names()).containsAll(columns);
    assertThat(published(seed, "res152-gem-npairs", "holidays")).isEqualTo(0.9026);
    assertThat(published(seed, "res152-gem-npairs:single", "oxford5k")).isEqualTo(0.7507);
    assertThat(published(seed, "res101-gem-arcface", "roxford5k/hard")).isEqualTo(0.4665);
  }

  private static double published(ResultTable table, String row, String column) {
    return table.rows().stream()
        .filter(r -> r.id().equals(row))
        .flatMap(r -> r.published().entrySet().stream())
        .filter(entry -> entry.getKey().toString().equals(column))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutDataAndWeightsEveryCellSaysWhatItLacks() throws IOException {
    Path data = Files.createDirectories(temp.resolve("data"));
    Lines lines = Lines.of("experiment", "--table", "seed", "--data", data.toString());
    assertThat(lines.code()).as(lines.err()).isZero();
    assertThat(lines.out())
        .contains(
            "res152-gem-npairs:single: resnet152, gem, 1024 dimensions, loss npair, trained on"
                + " neural-codes; one checkpoint\n",
            "  holidays          published 0.9001  ours - missing  data: no directory "
                + data.resolve("holidays")
                + "; weights: no --weights\n")
        .containsPattern("0 of \\d+ cells computed, \\d+ lack data or weights, 0 failed\n$");
  }

  /** The true layouts, made. */
  private void drawData() throws IOException {
    Path data = temp.resolve("data");
    SceneGenerator.builder()
        .seed(2)
        .landmarks(2)
        .views(7)
        .distractors(2)
        .size(96)
        .build()
        .writeOxford(data.resolve("oxford5k"), done -> {});
    for (int group = 0; group < 3; group++) {
      for (int member = 0; member < 3; member++) {
        Drawn.image(
            data.resolve(String.format(Locale.ROOT, "holidays/jpg/10%02d%02d.jpg", group, member)),
            10L * group + member,
            64);
      }
    }
    for (int i = 0; i < 3; i++) {
      Drawn.image(data.resolve("oxford5k/oxc1_100k/d" + i + ".jpg"), 900L + i, 48);
    }
    Files.createDirectories(data.resolve("paris6k"));
  }

  private void saveNetwork(String id) throws IOException {
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get("resnet18")
            .createTrainable(Options.of(Map.of("seed", "3", "layer", "layer1")))) {
      Path directory = Files.createDirectories(temp.resolve("weights").resolve(id));
      backbone.save(directory.resolve("network.safetensors"));
    }
  }

  private Path table(String... rows) throws IOException {
    return Files.writeString(
        temp.resolve("table.csv"),
        HEADER + "holidays,paris6k,oxford5k,oxford105k\n" + String.join("\n", rows) + "\n");
  }

  @Test
  void someCellsAreComputedAndTheOthersSayWhatTheyLack() throws IOException {
    drawData();
    saveNetwork("tiny:single");
    saveNetwork("best");
    saveNetwork("best@holidays");
    saveNetwork("wide");
    saveNetwork("other");
    Path table =
        table(
            "tiny:single,resnet18,gem,64,npair,oxford105k,single,,made here,,.5,.5,.5,.5",
            "best,resnet18,mac,64,npair,nc,best,,made here,of two,.5,,.5,",
            "absent,resnet18,mac,64,npair,nc,single,official-,made here,,.5,,,",
            "wide,resnet18,gem,128,npair,nc,single,,made here,,.5,,,",
            "other,resnet50,gem,64,npair,nc,single,,made here,,.5,,,");
    Path csv = temp.resolve("cells.csv");
    Lines lines =
        Lines.of(
            "experiment",
            "--table",
            table.toString(),
            "--data",
            temp.resolve("data").toString(),
            "--weights",
            temp.resolve("weights").toString(),
            "--cache",
            temp.resolve("cache").toString(),
            "--image-size",
            "64",
            "--csv",
            csv.toString());
    assertThat(lines.code()).as(lines.err()).isEqualTo(1);
    String value = "published 0\\.5000  ours 0\\.\\d{4} \\([+-]0\\.\\d{4}\\)";
    assertThat(lines.out())
        .containsPattern("(?m)^  holidays          " + value + "$")
        .containsPattern("(?m)^  paris6k +published 0.5000  ours - missing  data: .*ground truth")
        .containsPattern("(?m)^  oxford5k +" + value + "  training and test overlap$")
        .containsPattern("(?m)^  oxford105k +" + value + "  training and test overlap$")
        .containsPattern("(?m)^  holidays +" + value + "  a checkpoint of this column$")
        .containsPattern("(?m)^  oxford5k +" + value + "  the one checkpoint of the row$")
        .contains(
            "weights: neither absent/network.safetensors nor absent with one of .safetensors .pth"
                + " .pth.tar .pt nor official-* in ",
            "ours -  failed: dimension must be 128 (the row) but was 64 of ",
            "ours -  failed: network must be resnet50 (the row) but was resnet18 of ",
            "  note: of two\n")
        .endsWith("5 of 9 cells computed, 2 lack data or weights, 2 failed\n");
    List<String> cells = Files.readAllLines(csv);
    assertThat(cells).hasSize(10);
    assertThat(cells.get(0)).isEqualTo("row,column,published,ours,remark,source");
    assertThat(cells.get(2)).startsWith("tiny:single,paris6k,0.5,,");
    // The same images and network as by 'evaluate'.
    Lines evaluated =
        Lines.of(
            "evaluate",
            "--dataset",
            "holidays",
            "--root",
            temp.resolve("data/holidays").toString(),
            "--backbone",
            "trained",
            "--weights",
            temp.resolve("weights/tiny:single/network.safetensors").toString(),
            "--image-size",
            "64");
    String ours = cells.get(1).split(",", -1)[3];
    assertThat(evaluated.out())
        .contains(String.format(Locale.ROOT, "mAP %.4f", Double.parseDouble(ours)));
  }

  @Test
  void onlySomeRowsRunIfAskedFor() throws IOException {
    Path data = Files.createDirectories(temp.resolve("data"));
    Lines lines = Lines.of("experiment", "--data", data.toString(), "--rows", "dir,siamac");
    assertThat(lines.out())
        .contains("dir: resnet101", "siamac: vgg16", "0 of 10 cells computed")
        .doesNotContain("res152");
    Lines unknown = Lines.of("experiment", "--data", data.toString(), "--rows", "dirr");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).startsWith("error: unknown row 'dirr'; known: alexnet-fc6-");
    Lines absent = Lines.of("experiment", "--data", temp.resolve("none").toString());
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).startsWith("error: not a directory: ");
  }

  @Test
  void aDamagedTableNamesItsLine() throws IOException {
    assertDamaged(":2: line must have 14 fields but has 2", "a,b");
    assertDamaged(":2: checkpoint must be single or best but was 'one'", "a,b,c,1,,,one,,s,,.5,,,");
    assertDamaged(":2: source must not be empty", "a,b,c,1,,,single,,,,.5,,,");
    assertDamaged(":2: paris6k must be in [0, 1] but was 85", "a,b,c,1,,,single,,s,,,85,,");
    assertDamaged(":2: paris6k must be a number but was 'x'", "a,b,c,1,,,single,,s,,,x,,");
    assertDamaged(
        ":3: row 'a' must be there once but is twice",
        "a,b,c,1,,,single,,s,,,.5,,",
        "a,b,c,1,,,single,,s,,,.5,,");
    assertDamaged(": table must have a row but has none");
    Path file = Files.writeString(temp.resolve("t.csv"), "id,net\n");
    assertThatThrownBy(() -> ResultTable.read(file.toString()))
        .hasMessageStartingWith(file + ":1: columns must begin with [id, network, pooling, ");
    Files.writeString(file, HEADER + "oxford\na,b,c,1,,,single,,s,,.5\n");
    assertThatThrownBy(() -> ResultTable.read(file.toString()))
        .hasMessageStartingWith(file + ":2: column must be a data set but was 'oxford'; known: ");
  }

  private void assertDamaged(String message, String... rows) throws IOException {
    Path file = table(rows);
    assertThatThrownBy(() -> ResultTable.read(file.toString()))
        .isInstanceOf(IOException.class)
        .hasMessage(file + message);
  }
}
