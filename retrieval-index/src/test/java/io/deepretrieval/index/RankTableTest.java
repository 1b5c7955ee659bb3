// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.RankedHit;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankTableTest {
  private static final int ROWS = 6000;
  private static final int D = 24;

  /** Half are copies of others, some are zero, some too long for float sums. */
  private static List<Descriptor> awkward(Random random) {
    List<Descriptor> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      float[] values = new float[D];
      float scale = i / 1024 == 3 ? 1e25f : 1;
      for (int j = 0; j < D; j++) {
        values[j] = (float) random.nextGaussian() * scale;
      }
      rows.add(
          i > 10 && i % 2 == 0
              ? rows.get(random.nextInt(i))
              : Descriptor.copyOf(i % 501 == 0 ? new float[D] : values));
    }
    return rows;
  }

  @ParameterizedTest
  @EnumSource
  void countsWhatTheWholeRankingShows(Similarity similarity) {
    long seed = 7100;
    Random random = new Random(seed);
    List<Descriptor> rows = awkward(random);
    ExactIndex.Builder builder = ExactIndex.builder(similarity).threads(2);
    for (int i = 0; i < ROWS; i++) {
      builder.add("r" + i, rows.get(i));
    }
    try (ExactIndex index = builder.build()) {
      // Removed rows stand nowhere.
      assertThat(index.remove("r1500")).isTrue();
      List<Descriptor> queries = new ArrayList<>();
      List<Set<String>> wanted = new ArrayList<>();
      for (int q = 0; q < 12; q++) {
        queries.add(rows.get(random.nextInt(ROWS)));
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 40 * q; i++) {
          ids.add("r" + random.nextInt(ROWS));
        }
        wanted.add(ids);
      }
      List<List<RankedHit>> places = index.ranks(queries, wanted);
      List<SearchResult> whole = index.search(queries, SearchRequest.top(ROWS));
      for (int q = 0; q < queries.size(); q++) {
        List<SearchHit> hits = whole.get(q).hits();
        List<RankedHit> expected = new ArrayList<>();
        for (int place = 0; place < hits.size(); place++) {
          SearchHit hit = hits.get(place);
          if (wanted.get(q).contains(hit.id())) {
            expected.add(new RankedHit(hit.id(), hit.score(), place));
          }
        }
        assertThat(places.get(q)).as("query %s, seed %s", q, seed).isEqualTo(expected);
      }
    }
  }

  @Test
  void readsAStoreInTheOrderOfTheCaller(@TempDir Path temp) throws Exception {
    Random random = new Random(7200);
    List<Descriptor> rows = awkward(random);
    List<String> order = new ArrayList<>();
    Path directory = temp.resolve("store");
    try (DescriptorStore store =
        DescriptorStore.create(directory, Recipe.NONE, Similarity.COSINE, D)) {
      for (int i = 0; i < ROWS; i++) {
        store.add("r" + i, rows.get(i));
        if (i % 3 != 0) {
          order.add("r" + i);
        }
      }
      store.commit();
    }
    Collections.shuffle(order, random);
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < order.size(); i++) {
      places.put(order.get(i), i);
    }
    Descriptor query = rows.get(100);
    ExactIndex.Builder builder = ExactIndex.builder(Similarity.COSINE);
    order.forEach(id -> builder.add(id, rows.get(Integer.parseInt(id.substring(1)))));
    try (StoreReader reader = StoreReader.open(directory, 2);
        ExactIndex ordered = builder.build()) {
      Set<String> wanted = new HashSet<>(order.subList(0, 500));
      wanted.add("r0");
      List<List<RankedHit>> found =
          reader.ranks(List.of(query), List.of(wanted), id -> places.getOrDefault(id, -1));
      assertThat(found).isEqualTo(ordered.ranks(List.of(query), List.of(wanted)));
      assertThat(found.get(0)).hasSize(500);
    }
  }
}
