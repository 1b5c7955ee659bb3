// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Recipe;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import io.deepretrieval.cli.run.CachingProvider;
import io.deepretrieval.cli.run.IndexView;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.index.DescriptorStore;
import io.deepretrieval.index.ExactIndex;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.Jvm;
import io.deepretrieval.testkit.PatchBackbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations that keep their vectors: what is described again and what is not. */
class CachedEvaluationTest {
  @TempDir Path temp;

  private Lines evaluate(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("evaluate", "--dataset", "groups", "--root", root().toString(), "--backbone"));
    all.addAll(List.of("patch", "--pooling", "gem"));
    all.addAll(List.of(more));
    return Lines.of(all.toArray(String[]::new));
  }

  private Path root() {
    return temp.resolve("data");
  }

  private Path cache() {
    return temp.resolve("cache");
  }

  private void drawData(int images, int size) throws IOException {
    Drawn.groups(root(), images, size);
  }

  private Path store() throws IOException {
    try (Stream<Path> stores = Files.list(cache())) {
      return stores.findFirst().orElseThrow();
    }
  }

  @Test
  void aSecondRunDescribesNothingAndScoresAreThoseWithoutACache() throws IOException {
    drawData(24, 40);
    Lines plain = evaluate();
    assertThat(plain.code()).as(plain.err()).isZero();
    Lines first = evaluate("--cache", cache().toString());
    assertThat(first.out()).contains("cache: 0 vectors were there, 24 added in " + store());
    assertThat(first.scores()).isEqualTo(plain.scores()).isNotEmpty();
    Lines again =
        evaluate("--cache", cache().toString(), "--rerank", "alpha-query-expansion:n=3:alpha=2");
    assertThat(again.out())
        .contains("cache: 24 vectors were there, 0 added in ")
        .contains("  re-ranked: alpha-query-expansion n=3 alpha=2.0");
    Lines fresh = evaluate("--rerank", "alpha-query-expansion:n=3:alpha=2");
    assertThat(again.scores()).isEqualTo(fresh.scores());
  }

  @Test
  void everyRerankerRunsByName() throws IOException {
    drawData(12, 24);
    for (String name : Providers.rerankers().names()) {
      Lines outcome = evaluate("--cache", cache().toString(), "--rerank", name);
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("  re-ranked: " + name + " ");
    }
    Lines both = evaluate("--rerank", "average-query-expansion:n=2,diffusion:n=8:k=3");
    assertThat(both.out())
        .contains("  re-ranked: average-query-expansion n=2", "  re-ranked: diffusion n=8 k=3 ");
    assertUsage("query-expansion", "unknown re-ranker 'query-expansion'; known: alpha-query-exp");
    assertUsage("diffusion:m=3", "diffusion has no option 'm'; known: alpha, gamma, k, kq, n");
    assertUsage(
        "diffusion:n", "option of a re-ranker must be name=value but was 'n' in 'diffusion:n'");
  }

  private void assertUsage(String rerank, String message) {
    Lines outcome = evaluate("--rerank", rerank);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("error: " + message);
  }

  @Test
  void aChangedImageIsDescribedAgainAndItsOldVectorIsGone() throws IOException {
    drawData(12, 24);
    evaluate("--cache", cache().toString());
    Path changed = root().resolve("jpg/p4.png");
    Drawn.image(changed, 999, 30);
    Lines after = evaluate("--cache", cache().toString());
    assertThat(after.out()).contains("cache: 11 vectors were there, 1 added in ");
    assertThat(after.scores()).isEqualTo(evaluate().scores());
    assertThat(DescriptorStore.verify(store()).vectors()).isEqualTo(12);
    // The same bytes at another time may be another image.
    Files.setLastModifiedTime(changed, FileTime.from(Instant.ofEpochSecond(1)));
    assertThat(evaluate("--cache", cache().toString()).out())
        .contains("cache: 11 vectors were there, 1 added in ");
  }

  @Test
  void anotherRecipeHasAStoreOfItsOwn() throws IOException {
    drawData(8, 24);
    evaluate("--cache", cache().toString());
    assertThat(evaluate("--cache", cache().toString(), "--p", "4").out())
        .contains("cache: 0 vectors were there, 8 added in ");
    assertThat(evaluate("--cache", cache().toString()).out())
        .contains("cache: 8 vectors were there, 0 added in ");
    try (Stream<Path> stores = Files.list(cache())) {
      assertThat(stores).hasSize(2);
    }
  }

  @Test
  void anUnreadableImageIsSkippedByItsNameAndTriedAgain() throws IOException {
    drawData(8, 24);
    Path broken = root().resolve("jpg/p5.png");
    Files.writeString(broken, "no image");
    for (int i = 0; i < 2; i++) {
      Lines outcome = evaluate("--cache", cache().toString());
      assertThat(outcome.err()).contains("warning: skipped: cannot decode ", "p5.png");
      assertThat(outcome.out()).contains("1 images skipped");
      assertThat(outcome.scores()).isEqualTo(evaluate().scores());
    }
    Drawn.image(broken, 12, 24);
    assertThat(evaluate("--cache", cache().toString()).out())
        .contains("cache: 7 vectors were there, 1 added in ", "0 images skipped");
  }

  @Test
  void onlyBrokenImagesAreOneLineAndCodeOne() throws IOException {
    drawData(4, 24);
    for (int i = 0; i < 4; i++) {
      Files.writeString(root().resolve("jpg/p" + i + ".png"), "no image");
    }
    Lines outcome = evaluate("--cache", cache().toString());
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("error: no image of the database of 'groups' could be described; the first: ");
  }

  private static Process start(String memory, Class<?> main, List<String> arguments, Path log)
      throws IOException {
    return Jvm.of(main, arguments.toArray(String[]::new)).options(memory).quick().start(log);
  }

  @Test
  void aKilledRunGoesOnWhereItWas() throws Exception {
    int images = 160;
    drawData(images, 128);
    List<String> network =
        List.of("--backbone", "resnet18", "--seed", "3", "--layer", "layer2", "--batch", "1");
    List<String> arguments =
        new ArrayList<>(List.of("evaluate", "--dataset", "groups", "--root", root().toString()));
    arguments.addAll(network);
    String[] plain = arguments.toArray(String[]::new);
    arguments.addAll(List.of("--cache", cache().toString()));
    Path log = temp.resolve("log");
    Process process = start("-Xmx512m", Main.class, arguments, log);
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    boolean ended = false;
    while (!ended && journal() < 20_000 && System.nanoTime() < deadline) {
      ended = process.waitFor(5, TimeUnit.MILLISECONDS);
    }
    process.toHandle().destroyForcibly();
    assertThat(process.waitFor()).as(Files.readString(log)).isEqualTo(137);
    Lines resumed = Lines.of(arguments.toArray(String[]::new));
    assertThat(resumed.code()).as(resumed.err()).isZero();
    Matcher counts =
        Pattern.compile("cache: (\\d+) vectors were there, (\\d+) added").matcher(resumed.out());
    assertThat(counts.find()).as(resumed.out()).isTrue();
    int kept = Integer.parseInt(counts.group(1));
    assertThat(kept).isBetween(20, images - 1);
    assertThat(Integer.parseInt(counts.group(2))).isEqualTo(images - kept);
    assertThat(resumed.scores()).isEqualTo(Lines.of(plain).scores());
  }

  private long journal() throws IOException {
    if (!Files.isDirectory(cache())) {
      return 0;
    }
    try (Stream<Path> stores = Files.list(cache())) {
      Path journal = stores.findFirst().orElse(cache()).resolve("indexing.journal");
      return Files.exists(journal) ? Files.size(journal) : 0;
    }
  }

  /** A database whose vectors are larger than the heap, twice. */
  static final class LargeRun {
    static final int IMAGES = 24_000;
    static final int CHANNELS = 2048;

    public static void main(String[] args) {
      List<DataSetImage> database = new ArrayList<>();
      for (int i = 0; i < IMAGES; i++) {
        database.add(new DataSetImage("p" + i, Path.of("absent", "p" + i + ".png")));
      }
      List<Query> queries = new ArrayList<>();
      for (int q = 0; q < 5; q++) {
        queries.add(
            new Query(
                database.get(q * 100),
                Optional.empty(),
                new Judgments(Set.of("p" + q * 100), Set.of(), Set.of())));
      }
      RetrievalDataSet data = RetrievalDataSet.of("large", queries, database);
      try (DescriptorExtractor extractor =
          DescriptorExtractor.builder(
                  PatchBackbone.of(CHANNELS, 1),
                  SpocPooling.mean(),
                  source -> colors(source.name()))
              .build()) {
        for (int run = 0; run < 2; run++) {
          CachingProvider describer = new CachingProvider(Path.of(args[0]), extractor);
          double score =
              Evaluator.builder(describer).keep(10).build().run(data).meanAveragePrecision();
          System.out.println(
              "kept "
                  + describer.use().kept()
                  + " added "
                  + describer.use().added()
                  + " mAP "
                  + score);
        }
      }
    }

    private static RgbImage colors(String name) {
      Random random = new Random(name.hashCode());
      int[] pixels = new int[8 * 16];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = i % 8 == 0 ? random.nextInt(0x1000000) : pixels[i - 1];
      }
      return RgbImage.ofPacked(8, 16, pixels);
    }
  }

  @Test
  void vectorsMayBeLargerThanTheHeap() throws Exception {
    assertThat(4L * LargeRun.IMAGES * LargeRun.CHANNELS).isGreaterThan(180L << 20);
    Path log = temp.resolve("log");
    Process process = start("-Xmx128m", LargeRun.class, List.of(cache().toString()), log);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log))
        .contains(
            "kept 0 added " + LargeRun.IMAGES + " mAP 1.0",
            "kept " + LargeRun.IMAGES + " added 0 mAP 1.0");
  }

  @Test
  void scoresDoNotDependOnHowManyHitsAreKept() throws IOException {
    drawData(40, 24);
    // Copies tie with what they are copies of.
    for (int i = 0; i < 40; i += 5) {
      Files.copy(
          root().resolve("jpg/p" + i + ".png"),
          root().resolve("jpg/p" + (i + 1) + ".png"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    RetrievalDataSet data = DataSets.read("groups", root());
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(
                PatchBackbone.of(8, 1), SpocPooling.mean(), new ImageIoDecoder())
            .build()) {
      CachingProvider describer = new CachingProvider(cache(), extractor);
      EvaluationResult all = Evaluator.builder(describer).build().run(data);
      EvaluationResult few = Evaluator.builder(describer).keep(3).build().run(data);
      EvaluationResult cut = Evaluator.builder(describer).k(30).build().run(data);
      EvaluationResult fewCut = Evaluator.builder(describer).keep(3).k(30).build().run(data);
      assertThat(few.queries()).hasSameSizeAs(all.queries()).isNotEmpty();
      for (int q = 0; q < all.queries().size(); q++) {
        assertSame(all.queries().get(q), few.queries().get(q));
        assertSame(cut.queries().get(q), fewCut.queries().get(q));
      }
      assertThat(cut.meanAveragePrecision()).isLessThan(all.meanAveragePrecision());
    }
  }

  private static void assertSame(QueryResult all, QueryResult few) {
    assertThat(few.positiveRanks()).isEqualTo(all.positiveRanks());
    assertThat(few.averagePrecision()).isEqualTo(all.averagePrecision());
    assertThat(few.ranking()).hasSize(3).isEqualTo(all.ranking().subList(0, 3));
  }

  @Test
  void aTieThatACutWouldSplitIsResolvedInTheOrderOfTheView() {
    try (ExactIndex inner =
        ExactIndex.builder(Similarity.COSINE).dimension(2).recipe(Recipe.NONE).build()) {
      Map<String, String> order = new LinkedHashMap<>();
      for (int i = 0; i < 50; i++) {
        inner.add("k" + i, Descriptor.copyOf(1, 0));
      }
      for (int i = 49; i >= 0; i--) {
        order.put("k" + i, "id" + i);
      }
      List<SearchHit> hits =
          new IndexView(inner, order).search(Descriptor.copyOf(1, 0), SearchRequest.top(3)).hits();
      assertThat(hits).extracting(SearchHit::id).containsExactly("id49", "id48", "id47");
    }
  }
}
