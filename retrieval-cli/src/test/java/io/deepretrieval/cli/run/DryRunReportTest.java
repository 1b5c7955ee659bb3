// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run from a program. */
class DryRunReportTest {
  @TempDir Path temp;

  @Test
  void tellsWhatIsMissingUnreadableAndSurplusAndWhatTheRestCosts() throws IOException {
    Path root = temp.resolve("data");
    Drawn.groups(root, 12, 24);
    Drawn.image(root.resolve("jpg/p7.png"), 7, 60);
    Files.delete(root.resolve("jpg/p2.png"));
    Files.writeString(root.resolve("jpg/p4.png"), "no image");
    Path extra = root.resolve("jpg/extra.png");
    Drawn.image(extra, 1, 8);
    List<String> missing = new ArrayList<>();
    RetrievalDataSet data = DataSets.readDespiteMissing("groups", root, Options.NONE, missing::add);
    ProgramData.Notes notes = new ProgramData.Notes();
    try (DescriptorExtractor extractor = ProgramData.extractor()) {
      DryRunReport report =
          DryRun.builder(extractor, data)
              .missing(missing)
              .root(root)
              .cache(temp.resolve("cache"))
              .listener(notes)
              .build()
              .run();
      assertThat(report.isComplete()).isFalse();
      assertThat(report.missing()).hasSize(1);
      assertThat(report.unreadable()).hasSize(1).allMatch(line -> line.contains("p4.png"));
      assertThat(report.surplus()).containsExactly(extra);
      DryRunReport.Cost cost = report.cost().orElseThrow();
      assertThat(cost.largest()).isEqualTo(root.resolve("jpg/p7.png").toAbsolutePath());
      assertThat(cost.width()).isEqualTo(60);
      assertThat(cost.decodedBytes()).isEqualTo(3L * 60 * 60);
      assertThat(cost.images()).isEqualTo(10);
      assertThat(cost.ahead()).isEqualTo(10);
      assertThat(cost.seconds()).isEqualTo(10 * cost.secondsEach());
      assertThat(cost.vectorBytes()).isEqualTo(4L * extractor.dimension() * data.database().size());
      DryRunReport blind = DryRun.builder(extractor, data).build().run();
      assertThat(blind.surplus()).isEmpty();
    }
    assertThat(notes.steps).containsExactly("inspect 11");
    assertThat(temp.resolve("cache")).doesNotExist();
  }
}
