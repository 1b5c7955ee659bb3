// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Filter;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.NaiveIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters over the metadata of a store. */
class StoreFilterTest {
  private static final int D = 8;

  @TempDir Path temp;

  private static Descriptor vector(Random random) {
    float[] values = new float[D];
    for (int j = 0; j < D; j++) {
      values[j] = (float) random.nextGaussian();
    }
    return Descriptor.copyOf(values, Recipe.NONE);
  }

  private DescriptorStore create() throws IOException {
    return DescriptorStore.create(temp.resolve("s"), Recipe.NONE, Similarity.COSINE, D);
  }

  /** A condition, and the same said by hand. */
  private record Condition(Filter filter, Predicate<Map<String, String>> naive) {}

  private static Condition random(Random random, int depth) {
    String field = "f" + random.nextInt(4);
    String value = String.valueOf(random.nextInt(5));
    switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0 -> {
        return new Condition(
            Filter.eq(field, value), noted -> Objects.equals(noted.get(field), value));
      }
      case 1 -> {
        String other = String.valueOf(random.nextInt(5));
        return new Condition(
            Filter.in(field, value, other),
            noted ->
                Objects.equals(noted.get(field), value) || Objects.equals(noted.get(field), other));
      }
      case 2 -> {
        int least = random.nextInt(3);
        int most = least + random.nextInt(3);
        return new Condition(
            Filter.range(field, least, most),
            noted -> {
              String text = noted.getOrDefault(field, "x");
              return !text.equals("x")
                  && Integer.parseInt(text) >= least
                  && Integer.parseInt(text) <= most;
            });
      }
      case 3 -> {
        return new Condition(Filter.exists(field), noted -> noted.containsKey(field));
      }
      case 4 -> {
        Condition not = random(random, depth - 1);
        return new Condition(Filter.not(not.filter), not.naive.negate());
      }
      default -> {
        Condition a = random(random, depth - 1);
        Condition b = random(random, depth - 1);
        return random.nextBoolean()
            ? new Condition(Filter.and(a.filter, b.filter), a.naive.and(b.naive))
            : new Condition(Filter.or(a.filter, b.filter), a.naive.or(b.naive));
      }
    }
  }

  @Test
  void combinationsAreThoseOfADoubleLoop() throws IOException {
    Random random = new Random(71);
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    Map<String, Map<String, String>> noted = new LinkedHashMap<>();
    try (DescriptorStore store = create()) {
      for (int i = 0; i < 1500; i++) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int f = 0; f < 4; f++) {
          if (random.nextInt(3) > 0) {
            int kind = random.nextInt(6);
            metadata.put("f" + f, kind == 5 ? "x" : String.valueOf(kind));
          }
        }
        Descriptor vector = vector(random);
        vectors.put("v" + i, vector);
        noted.put("v" + i, metadata);
        store.add("v" + i, vector, metadata);
        if (i == 400) {
          store.commit();
        }
      }
      store.commit();
      for (int i = 0; i < 1500; i += 7) {
        store.remove("v" + i);
        vectors.remove("v" + i);
      }
      store.commit();
    }
    GraphIndex.builder(Similarity.COSINE).threads(2).buildFor(temp.resolve("s")).close();
    try (StoreReader reader = StoreReader.open(temp.resolve("s"), 2);
        GraphIndex graph = GraphIndex.open(temp.resolve("s"), 2);
        Index naive = new NaiveIndex(Similarity.COSINE, D, Recipe.NONE, vectors)) {
      assertThat(reader.fields()).containsExactly("f0", "f1", "f2", "f3");
      for (int round = 0; round < 200; round++) {
        Condition condition = random(random, 3);
        Predicate<String> byHand =
            id -> condition.naive.test(Objects.requireNonNull(noted.get(id)));
        Descriptor query = vector(random);
        SearchRequest wanted =
            round % 2 == 0
                ? SearchRequest.top(1 + random.nextInt(40))
                : SearchRequest.atLeast(0.3f);
        if (round % 3 == 0) {
          wanted = wanted.withFilter(id -> !id.endsWith("3"));
        }
        SearchRequest plain =
            wanted.withFilter(wanted.filter().<Predicate<String>>map(byHand::and).orElse(byHand));
        List<SearchHit> expected = naive.search(query, plain).hits();
        SearchRequest filtered = wanted.withWhere(condition.filter);
        assertThat(reader.search(query, filtered).hits())
            .as("%s", condition.filter)
            .isEqualTo(expected);
        List<SearchHit> walked = graph.search(query, filtered).hits();
        assertThat(walked).hasSameSizeAs(expected);
        assertThat(walked).allMatch(hit -> byHand.test(hit.id()));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  graph.search(vector(random), SearchRequest.top(1).withWhere(Filter.exists("f4"))))
          .withMessage("field must be one of f0, f1, f2, f3 but was 'f4'");
    }
  }

  @Test
  void oneRowInAHundredThousandIsFound() throws IOException {
    Random random = new Random(72);
    try (DescriptorStore store = create()) {
      for (int i = 0; i < 100_000; i++) {
        Map<String, String> metadata = Map.of("kind", i == 77_123 ? "rare" : "common");
        store.add("v" + i, vector(random), metadata);
      }
      store.commit();
    }
    Filter rare = Filter.eq("kind", "rare");
    try (StoreReader reader = StoreReader.open(temp.resolve("s"), 2)) {
      for (int q = 0; q < 5; q++) {
        assertThat(reader.search(vector(random), SearchRequest.top(10).withWhere(rare)).hits())
            .extracting(SearchHit::id)
            .containsExactly("v77123");
      }
      assertThat(reader.search(vector(random), SearchRequest.atLeast(-2).withWhere(rare)).hits())
          .extracting(SearchHit::id)
          .containsExactly("v77123");
    }
  }

  @Test
  void aGraphFindsAllOfTheFewThatPass() throws IOException {
    Random random = new Random(73);
    try (DescriptorStore store = create()) {
      for (int i = 0; i < 5000; i++) {
        store.add("v" + i, vector(random), i % 1000 == 9 ? Map.of("rare", "yes") : Map.of());
      }
      store.commit();
    }
    GraphIndex.builder(Similarity.COSINE).threads(2).buildFor(temp.resolve("s")).close();
    try (GraphIndex graph = GraphIndex.open(temp.resolve("s"), 2)) {
      SearchRequest request = SearchRequest.top(3).withWhere(Filter.exists("rare"));
      List<Descriptor> queries = List.of(vector(random), vector(random), vector(random));
      assertThat(graph.recall(queries, request)).isEqualTo(1);
      assertThat(
              graph.search(queries.get(0), SearchRequest.top(9).withWhere(Filter.exists("rare"))))
          .satisfies(
              result ->
                  assertThat(result.hits())
                      .extracting(SearchHit::id)
                      .containsExactlyInAnyOrder("v9", "v1009", "v2009", "v3009", "v4009"));
    }
  }

  @Test
  void onlyWhatIsThereIsKnown() throws IOException {
    try (DescriptorStore store = create();
        StoreReader reader = StoreReader.open(temp.resolve("s"), 1)) {
      assertThat(reader.fields()).isEmpty();
      Random random = new Random(74);
      store.add("a", vector(random), Map.of("city", "Oslo"));
      store.add("b", vector(random), Map.of("year", "1950"));
      store.commit();
      reader.refresh();
      assertThat(reader.fields()).containsExactly("city", "year");
      store.remove("a");
      store.commit();
      reader.refresh();
      assertThat(reader.fields()).containsExactly("year");
      SearchRequest gone = SearchRequest.top(1).withWhere(Filter.eq("city", "Oslo"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> reader.search(vector(random), gone))
          .withMessage("field must be one of year but was 'city'");
    }
  }
}
