// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table of results from a program. */
class ExperimentTest {
  @TempDir Path temp;

  @Test
  void computesACellAndSaysWhatAnotherLacks() throws IOException {
    Path data = temp.resolve("data");
    for (int group = 0; group < 3; group++) {
      for (int member = 0; member < 3; member++) {
        Drawn.image(
            data.resolve(String.format(Locale.ROOT, "holidays/jpg/10%02d%02d.jpg", group, member)),
            10L * group + member,
            64);
      }
    }
    Path weights = temp.resolve("weights");
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get("resnet18")
            .createTrainable(Options.of(Map.of("seed", "3", "layer", "layer1")))) {
      backbone.save(
          Files.createDirectories(weights.resolve("tiny")).resolve("network.safetensors"));
    }
    Path table =
        Files.writeString(
            temp.resolve("table.csv"),
            """
            id,network,pooling,dimension,loss,training,checkpoint,file,source,note,holidays,paris6k
            tiny,resnet18,gem,64,npair,nc,single,,made here,,.5,.9
            """);
    ProgramData.Notes notes = new ProgramData.Notes();
    Experiment experiment =
        Experiment.builder(data).weights(weights).imageSize(64).listener(notes).build();
    List<Experiment.Cell> cells = experiment.run(ResultTable.read(table.toString()).rows().get(0));
    assertThat(cells).hasSize(2);
    assertThat(cells.get(0).published()).isEqualTo(0.5);
    assertThat(cells.get(0).ours().orElseThrow())
        .isEqualTo(notes.outcomes.get(0).result().meanAveragePrecision());
    assertThat(cells.get(1).ours()).isEmpty();
    assertThat(cells.get(1).failed()).isFalse();
    assertThat(cells.get(1).remark()).isEqualTo("data: no directory " + data.resolve("paris6k"));
    assertThatThrownBy(() -> Experiment.builder(data).imageSize(0))
        .hasMessage("image size must be at least 1 but was 0");
  }
}
