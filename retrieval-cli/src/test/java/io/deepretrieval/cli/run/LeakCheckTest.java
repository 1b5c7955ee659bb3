// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search for leaks from a program. */
class LeakCheckTest {
  @TempDir Path temp;

  @Test
  void findsACopyAmongTheTrainingImages() throws IOException {
    Path root = temp.resolve("data");
    Drawn.groups(root, 8, 32);
    Path copy = temp.resolve("train/t0.png");
    Drawn.image(copy, 7L + 5, 32);
    Path other = temp.resolve("train/t1.png");
    Drawn.image(other, 500, 32);
    RetrievalDataSet data = DataSets.read("groups", root);
    ProgramData.Notes notes = new ProgramData.Notes();
    try (DescriptorExtractor extractor = ProgramData.extractor()) {
      LeakCheck.Builder check =
          LeakCheck.builder(extractor, data)
              .training(List.of(new DataSetImage("t0", copy), new DataSetImage("t1", other)))
              .threshold(0.9999995f)
              .listener(notes);
      List<LeakCheck.Pair> pairs = check.build().run();
      assertThat(pairs).hasSize(1);
      LeakCheck.Pair pair = pairs.get(0);
      assertThat(pair.first()).isEqualTo(new LeakCheck.Image(LeakCheck.Role.TRAIN, "t0"));
      assertThat(pair.second()).hasToString("database/p5");
      assertThat(pair.joins(LeakCheck.Role.TRAIN, LeakCheck.Role.DATABASE)).isTrue();
      assertThat(pair.score()).isGreaterThanOrEqualTo(0.9999995f);
      assertThat(check.cache(temp.resolve("cache")).build().run()).isEqualTo(pairs);
      assertThatThrownBy(() -> check.threshold(2))
          .hasMessage("threshold must be in (-1, 1] but was 2.0");
    }
    assertThat(notes.steps).contains("extraction 10");
  }
}
