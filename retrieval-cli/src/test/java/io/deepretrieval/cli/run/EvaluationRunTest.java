// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Reranker;
import io.deepretrieval.Similarity;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.index.ExactIndex;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation from a program. */
class EvaluationRunTest {
  @TempDir Path temp;
  private Path root = Path.of("");

  @BeforeEach
  void draw() throws IOException {
    root = temp.resolve("data");
    Drawn.groups(root, 12, 24);
  }

  @Test
  void aCacheChangesNoScoreAndSaysWhatItWasGoodFor() throws IOException {
    RetrievalDataSet data = DataSets.read("groups", root);
    Path cache = temp.resolve("cache");
    try (DescriptorExtractor extractor = ProgramData.extractor()) {
      EvaluationOutcome plain = EvaluationRun.builder(extractor, data).build().run();
      assertThat(plain.cache()).isEmpty();
      ProgramData.Notes notes = new ProgramData.Notes();
      EvaluationRun run =
          EvaluationRun.builder(extractor, data).cache(cache).listener(notes).build();
      Path store = CachingProvider.store(cache, extractor.recipe());
      EvaluationOutcome first = run.run();
      EvaluationOutcome second = run.run();
      assertThat(first.cache()).contains(new CacheUse(store, 0, 12));
      assertThat(second.cache()).contains(new CacheUse(store, 12, 0));
      assertThat(second.result().meanAveragePrecision())
          .isEqualTo(plain.result().meanAveragePrecision());
      assertThat(notes.outcomes).containsExactly(first, second);
      assertThat(notes.steps).contains("extraction 12", "search 3");
    }
  }

  @Test
  void rerankersAndTheIndexAreThoseThatAreGiven() throws IOException {
    RetrievalDataSet data = DataSets.read("groups", root);
    Reranker reranker = Providers.rerankers().get("diffusion").create(Options.NONE);
    try (DescriptorExtractor extractor = ProgramData.extractor()) {
      EvaluationOutcome outcome =
          EvaluationRun.builder(extractor, data)
              .rerankers(List.of(reranker))
              .index(() -> ExactIndex.builder(Similarity.L2))
              .build()
              .run();
      assertThat(outcome.result().rerankers()).containsExactly(reranker.recipe());
      assertThat(outcome.result().similarity()).isEqualTo(Similarity.L2);
      EvaluationRun.Builder both =
          EvaluationRun.builder(extractor, data)
              .cache(temp.resolve("cache"))
              .index(() -> ExactIndex.builder(Similarity.COSINE));
      assertThatThrownBy(both::build)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("an index must not be given with a cache");
    }
  }

  @Test
  void whatIsSkippedIsLearnedOf() throws IOException {
    Files.writeString(root.resolve("jpg/p5.png"), "no image");
    ProgramData.Notes notes = new ProgramData.Notes();
    try (DescriptorExtractor extractor = ProgramData.extractor()) {
      EvaluationRun.builder(extractor, DataSets.read("groups", root)).listener(notes).build().run();
    }
    assertThat(notes.warnings).containsExactly("p5");
  }

  @Test
  void keysTellFilesAndBoxesApart() {
    Path file = root.resolve("jpg/p1.png");
    assertThat(CachingProvider.key(file, Optional.empty()))
        .isEqualTo(CachingProvider.key(file, Optional.empty()))
        .isNotEqualTo(CachingProvider.key(root.resolve("jpg/p2.png"), Optional.empty()));
  }
}
