// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The revisited protocols on their real ground truth, with scores that both sides compute. */
final class RevisitedGoldenTest {
  @ParameterizedTest
  @CsvSource({
    "roxford5k,E,3029,68", "roxford5k,M,5526,70", "roxford5k,H,2497,70",
    "rparis6k,E,6874,70", "rparis6k,M,17224,70", "rparis6k,H,10350,70"
  })
  void meanAveragePrecisionAndPrecisionAtKAreThoseOfTheReference(
      String name, String protocol, int positives, int queries) throws IOException {
    JsonObject golden;
    try (Reader in = Files.newBufferedReader(SharedFiles.require("golden/metrics.json"))) {
      golden = JsonParser.parseReader(in).getAsJsonObject();
    }
    JsonObject expected = golden.getAsJsonObject(name).getAsJsonObject(protocol);
    assertThat(expected.get("queries").getAsInt()).isEqualTo(queries);
    long seed = golden.get("seed").getAsLong();
    Map<Object, Object> truth =
        PlainPickle.dict(
            PlainPickle.read(SharedFiles.require("data/groundtruth/gnd_" + name + ".pkl")));
    int images = PlainPickle.list(part(truth, "imlist")).size();
    List<Object> gnd = PlainPickle.list(part(truth, "gnd"));

    int seen = 0;
    int scored = 0;
    double map = 0;
    double[] mp = new double[3];
    for (int i = 0; i < gnd.size(); i++) {
      Map<Object, Object> query = PlainPickle.dict(gnd.get(i));
      Judgements judgements = judgements(query, protocol);
      seen += judgements.positives().size();
      if (judgements.positives().isEmpty()) {
        continue;
      }
      scored++;
      List<String> ranking = ranking(query, i, images, seed);
      map += AveragePrecision.trapezoid(ranking, judgements);
      for (int k = 0; k < 3; k++) {
        mp[k] += PrecisionAtK.revisited(ranking, judgements, new int[] {1, 5, 10}[k]);
      }
    }

    assertThat(seen).isEqualTo(positives);
    assertThat(scored).isEqualTo(queries);
    assertThat(map / scored).isCloseTo(expected.get("mAP").getAsDouble(), within(1e-12));
    JsonArray precisions = expected.getAsJsonArray("mP@1,5,10");
    for (int k = 0; k < 3; k++) {
      assertThat(mp[k] / scored).isCloseTo(precisions.get(k).getAsDouble(), within(1e-12));
    }
  }

  private static Object part(Map<Object, Object> dict, String key) {
    return Objects.requireNonNull(dict.get(key), key);
  }

  private static Judgements judgements(Map<Object, Object> query, String protocol) {
    Set<String> easy = ids(query, "easy");
    Set<String> hard = ids(query, "hard");
    Set<String> junk = ids(query, "junk");
    return switch (protocol) {
      case "E" -> new Judgements(easy, Set.of(), union(junk, hard));
      case "M" -> new Judgements(easy, hard, junk);
      default -> new Judgements(hard, Set.of(), union(junk, easy));
    };
  }

  private static Set<String> ids(Map<Object, Object> query, String key) {
    Set<String> ids = new LinkedHashSet<>();
    PlainPickle.list(part(query, key)).forEach(index -> ids.add(String.valueOf(index)));
    return ids;
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> all = new LinkedHashSet<>(a);
    all.addAll(b);
    return all;
  }

  /** Best first, by the hash that the golden file states. */
  private static List<String> ranking(Map<Object, Object> query, int i, int images, long seed) {
    Set<String> right = union(ids(query, "easy"), ids(query, "hard"));
    double[] scores = new double[images];
    for (int j = 0; j < images; j++) {
      long h = (i * 73856093L ^ j * 19349663L ^ seed * 83492791L) & 0xFFFFFFFFL;
      h = (h ^ h >>> 16) * 0x45D9F3BL & 0xFFFFFFFFL;
      h = (h ^ h >>> 16) * 0x45D9F3BL & 0xFFFFFFFFL;
      h ^= h >>> 16;
      scores[j] = h / 4294967296.0 + (right.contains(String.valueOf(j)) ? 0.35 : 0);
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, images).boxed().toList());
    order.sort(Comparator.comparingDouble(j -> -scores[j]));
    return order.stream().map(String::valueOf).toList();
  }
}
