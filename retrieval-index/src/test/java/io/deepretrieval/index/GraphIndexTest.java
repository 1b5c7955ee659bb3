// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GraphIndexTest {
  private static final int D = 48;
  private static final SearchRequest TOP_10 = SearchRequest.top(10);

  @TempDir Path temp;

  /** Clusters of about 50 around random centers. */
  private static Map<String, Descriptor> clustered(int n, int dimension, long seed) {
    Random random = new Random(seed);
    float[][] centers = new float[Math.max(1, n / 50)][dimension];
    for (float[] center : centers) {
      for (int j = 0; j < dimension; j++) {
        center[j] = (float) random.nextGaussian();
      }
    }
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    for (int i = 0; i < n; i++) {
      float[] values = centers[random.nextInt(centers.length)].clone();
      for (int j = 0; j < dimension; j++) {
        values[j] += 0.5f * (float) random.nextGaussian();
      }
      vectors.put("v" + i, Descriptor.copyOf(values));
    }
    return vectors;
  }

  private static GraphIndex graph(
      Similarity similarity,
      Map<String, Descriptor> vectors,
      UnaryOperator<GraphIndex.Builder> options) {
    GraphIndex.Builder builder =
        options.apply(GraphIndex.builder(similarity).dimension(D).threads(2));
    vectors.forEach(builder::add);
    return builder.build();
  }

  private static List<Descriptor> queries(Map<String, Descriptor> vectors, int count) {
    Random random = new Random(99);
    List<Descriptor> all = List.copyOf(vectors.values());
    List<Descriptor> queries = new ArrayList<>();
    for (int q = 0; q < count; q++) {
      float[] values = all.get(random.nextInt(all.size())).toArray();
      for (int j = 0; j < values.length; j++) {
        values[j] += 0.3f * (float) random.nextGaussian();
      }
      queries.add(Descriptor.copyOf(values));
    }
    return queries;
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void findsNearlyWhatAnExactSearchFindsAndScoresItAlike(Similarity similarity) {
    Map<String, Descriptor> vectors = clustered(4000, D, 1);
    List<Descriptor> queries = queries(vectors, 50);
    ExactIndex.Builder exactBuilder = ExactIndex.builder(similarity);
    vectors.forEach(exactBuilder::add);
    try (GraphIndex graph = graph(similarity, vectors, b -> b);
        Index exact = exactBuilder.build()) {
      assertThat(graph.recall(queries, TOP_10)).isGreaterThan(0.95);
      assertThat(graph.recall(queries, TOP_10.withEffort(4))).isGreaterThan(0.99);
      SearchRequest all = SearchRequest.top(4000);
      for (Descriptor query : queries.subList(0, 5)) {
        SearchResult result = graph.search(query, TOP_10);
        assertThat(result.visited()).isBetween(10L, 3999L);
        assertThat(exact.search(query, all).hits()).containsAll(result.hits());
        assertThat(graph.search(query, all)).isEqualTo(exact.search(query, all));
      }
      assertThat(graph.graphBytes()).isEqualTo(4000 * 34 * 4);
      assertThat(graph).hasToString("GraphIndex[4000 x 48, " + similarity + "]");
    }
  }

  @Test
  void effortBuysRecall() {
    Map<String, Descriptor> vectors = clustered(6000, D, 2);
    List<Descriptor> queries = queries(vectors, 100);
    try (GraphIndex graph =
        graph(Similarity.COSINE, vectors, b -> b.degree(4).construction(20).beam(10))) {
      double little = graph.recall(queries, TOP_10);
      double much = graph.recall(queries, TOP_10.withEffort(10));
      assertThat(little).isLessThan(much);
      assertThat(much).isGreaterThan(0.95);
      assertThat(graph.search(queries.get(0), TOP_10).visited())
          .isLessThan(graph.search(queries.get(0), TOP_10.withEffort(10)).visited());
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void codesAreWalkedAndVectorsRescored(Similarity similarity) {
    Map<String, Descriptor> vectors = clustered(4000, D, 3);
    List<Descriptor> queries = queries(vectors, 50);
    try (GraphIndex graph = graph(similarity, vectors, b -> b.codes(D / 4))) {
      assertThat(graph.recall(queries, TOP_10.withEffort(2))).isGreaterThan(0.9);
      SearchHit hit = graph.search(graph.descriptor("v7").orElseThrow(), TOP_10).hits().get(0);
      if (similarity != Similarity.INNER_PRODUCT) {
        assertThat(hit.id()).isEqualTo("v7");
      }
    }
  }

  @Test
  void theSameVectorsGiveTheSameGraphIfAskedFor() throws IOException {
    Map<String, Descriptor> vectors = clustered(2000, D, 4);
    List<byte[]> files = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path directory = Files.createDirectories(temp.resolve("g" + i));
      try (GraphIndex graph =
          graph(Similarity.COSINE, vectors, b -> b.reproducible(true).codes(8))) {
        graph.links().write(directory);
        files.add(Files.readAllBytes(directory.resolve("links-0")));
        files.add(Objects.requireNonNull(graph.codes()).chunks()[0]);
      }
    }
    assertThat(files.get(0)).isEqualTo(files.get(2));
    assertThat(files.get(1)).isEqualTo(files.get(3));
  }

  @Test
  void filtersHoldExactlyWhenTheyLeaveFewAndNearlyWhenTheyLeaveMany() {
    Map<String, Descriptor> vectors = clustered(5000, D, 5);
    List<Descriptor> queries = queries(vectors, 30);
    try (GraphIndex graph = graph(Similarity.L2, vectors, b -> b)) {
      for (int share : new int[] {2, 10, 1000, 5000}) {
        SearchRequest some =
            TOP_10.withFilter(id -> Integer.parseInt(id.substring(1)) % share == 1);
        double recall = graph.recall(queries, some);
        if (share > 10) {
          assertThat(recall).isEqualTo(1);
        } else {
          assertThat(recall).isGreaterThan(0.9);
        }
        graph
            .search(queries, some)
            .forEach(
                result ->
                    assertThat(result.hits())
                        .hasSize(Math.min(10, 5000 / share))
                        .allMatch(hit -> Integer.parseInt(hit.id().substring(1)) % share == 1));
      }
      assertThat(graph.search(queries.get(0), TOP_10.withFilter(id -> false)).hits()).isEmpty();
    }
  }

  private Path store(Map<String, Descriptor> vectors) throws IOException {
    Path store = temp.resolve("store");
    try (DescriptorStore writer =
        DescriptorStore.create(store, Recipe.NONE, Similarity.COSINE, D)) {
      int n = 0;
      for (Map.Entry<String, Descriptor> entry : vectors.entrySet()) {
        writer.add(entry.getKey(), entry.getValue());
        if (++n % 1700 == 0) {
          writer.commit();
        }
      }
      writer.commit();
      for (int i = 0; i < n; i += 10) {
        writer.remove("v" + i);
      }
      writer.commit();
    }
    return store;
  }

  @Test
  void aGraphIsBuiltBesideAStoreAndOpenedAgain() throws IOException {
    Map<String, Descriptor> vectors = clustered(4000, D, 6);
    List<Descriptor> queries = queries(vectors, 30);
    Path store = store(vectors);
    for (int codes : new int[] {0, 12}) {
      List<SearchResult> built;
      try (GraphIndex graph =
          GraphIndex.builder(Similarity.COSINE).threads(2).codes(codes).buildFor(store)) {
        assertThat(graph.size()).isEqualTo(3600);
        assertThat(graph.recall(queries, TOP_10)).isGreaterThan(codes == 0 ? 0.95 : 0.85);
        built = graph.search(queries, TOP_10);
        assertThat(built)
            .allSatisfy(
                result -> assertThat(result.hits()).noneMatch(hit -> hit.id().matches("v\\d*0")));
      }
      try (GraphIndex graph = GraphIndex.open(store, 1)) {
        assertThat(graph.search(queries, TOP_10)).isEqualTo(built);
        assertThat(graph.descriptor("v1")).isEqualTo(Optional.ofNullable(vectors.get("v1")));
        assertThat(graph.descriptor("v10")).isEmpty();
      }
    }
    assertThat(DescriptorStore.verify(store).isSound()).isTrue();
  }

  @Test
  void aGraphOfAnotherStateIsRefused() throws IOException {
    Path store = store(clustered(1500, D, 7));
    assertThatIOException()
        .isThrownBy(() -> GraphIndex.open(store, 1))
        .withMessage("store must have a graph but there is none in " + store);
    GraphIndex.builder(Similarity.COSINE).threads(1).buildFor(store).close();
    try (DescriptorStore writer = DescriptorStore.open(store)) {
      writer.remove("v1");
      writer.commit();
    }
    assertThatIOException()
        .isThrownBy(() -> GraphIndex.open(store, 1))
        .withMessage("graph must be of the last commit but the store has changed since: " + store);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GraphIndex.builder(Similarity.L2).buildFor(store))
        .withMessage("similarity must be COSINE (the store) but was L2");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                GraphIndex.builder(Similarity.COSINE)
                    .add("a", Descriptor.copyOf(1, 2))
                    .buildFor(store))
        .withMessage("a builder for a store must be new but was used");
  }

  @Test
  void damageOfAGraphIsFoundAndNamed() throws IOException {
    Path store = store(clustered(1200, D, 8));
    GraphIndex.builder(Similarity.COSINE).threads(1).codes(4).buildFor(store).close();
    Random random = new Random(8);
    try (Stream<Path> files = Files.list(store.resolve("graph"))) {
      for (Path file : files.toList()) {
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < 40; i++) {
          byte[] damaged = whole.clone();
          damaged[random.nextInt(damaged.length)] ^= 4;
          Files.write(file, damaged);
          assertThatIOException()
              .isThrownBy(() -> GraphIndex.open(store, 1))
              .isInstanceOf(CorruptStoreException.class)
              .withMessageContaining(file.toString());
        }
        Files.write(file, whole);
      }
    }
    GraphIndex.open(store, 1).close();
  }

  @Test
  void duplicatesAndZerosDoNoHarm() {
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    Random random = new Random(9);
    Descriptor same = Descriptor.copyOf(clustered(1, D, 1).values().iterator().next().toArray());
    for (int i = 0; i < 3000; i++) {
      vectors.put(
          "v" + i,
          i % 3 == 0
              ? same
              : i % 3 == 1
                  ? Descriptor.copyOf(new float[D])
                  : clustered(1, D, random.nextLong()).values().iterator().next());
    }
    for (Similarity similarity : Similarity.values()) {
      try (GraphIndex graph = graph(similarity, vectors, b -> b)) {
        assertThat(graph.recall(List.of(same, Descriptor.copyOf(new float[D])), TOP_10))
            .isEqualTo(1);
      }
    }
  }

  @Test
  void optionsReachTheBuilder() {
    Options options =
        Options.NONE
            .with("similarity", "l1")
            .with("dimension", "3")
            .with("degree", "8")
            .with("construction", "50")
            .with("beam", "32")
            .with("codes", "2")
            .with("threads", "1")
            .with("reproducible", "true");
    try (Index index = Providers.indexes().get("graph").create(options).build()) {
      assertThat(index).isInstanceOf(GraphIndex.class);
      assertThat(index.similarity()).isEqualTo(Similarity.L1);
      assertThat(index.dimension()).isEqualTo(3);
    }
    GraphIndexProvider provider = new GraphIndexProvider();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create(Options.NONE.with("degree", "1")))
        .withMessage("degree must be between 2 and 256 but was 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create(Options.NONE.with("reproducible", "yes")))
        .withMessage("option reproducible must be true or false but was 'yes'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.create(Options.NONE.with("ef", "1")))
        .withMessage(
            "index 'graph' has no option 'ef'; known: beam, codes, construction, degree, dimension,"
                + " reproducible, similarity, threads");
    try (GraphIndex graph = graph(Similarity.L2, Map.of(), b -> b)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> graph.recall(List.of(), TOP_10))
          .withMessage("queries must be one or more but there is none");
    }
  }
}
