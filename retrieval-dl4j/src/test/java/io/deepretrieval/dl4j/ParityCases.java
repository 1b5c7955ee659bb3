// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.format.StoredTensor;
import io.deepretrieval.format.TorchFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Maps that torch gave, of several layers and sizes. With the system property {@code parity.report}
 * every deviation is appended to that file.
 */
public final class ParityCases {
  /** Of the largest value of a map: float sums in another order, through up to 152 layers. */
  private static final double TOLERANCE = 1e-4;

  /** One image through one layer. */
  @SuppressWarnings("ArrayRecordComponent") // read only
  private record Case(int height, int width, float[] map, float[] gem) {}

  private final Map<String, List<Case>> byLayer = new LinkedHashMap<>();

  private ParityCases() {}

  public static ParityCases read(Path file) throws IOException {
    ParityCases cases = new ParityCases();
    try (TorchFile out = TorchFile.open(file)) {
      for (Object item : (List<?>) out.root()) {
        Map<?, ?> one = (Map<?, ?>) item;
        cases
            .byLayer
            .computeIfAbsent(String.valueOf(one.get("layer")), layer -> new ArrayList<>())
            .add(
                new Case(
                    (Integer) Objects.requireNonNull(one.get("height")),
                    (Integer) Objects.requireNonNull(one.get("width")),
                    values(out, one, "map"),
                    values(out, one, "gem")));
      }
    }
    assertThat(cases.byLayer).isNotEmpty();
    return cases;
  }

  private static float[] values(TorchFile out, Map<?, ?> one, String key) throws IOException {
    return out.read(key, (StoredTensor) Objects.requireNonNull(one.get(key), key));
  }

  public Set<String> layers() {
    return byLayer.keySet();
  }

  /** Compares all images of a layer. */
  public void compare(String name, String layer, Backbone backbone) throws IOException {
    for (Case one : Objects.requireNonNull(byLayer.get(layer))) {
      FeatureMap map = backbone.extract(FormulaWeights.image(one.height, one.width));
      float[] actual = map.toChannelsFirst();
      assertThat(actual).hasSameSizeAs(one.map);
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < actual.length; i++) {
        largest = Math.max(largest, Math.abs(one.map[i]));
        difference = Math.max(difference, Math.abs(actual[i] - one.map[i]));
      }
      double ofGem = 0;
      for (int c = 0; c < one.gem.length; c++) {
        ofGem = Math.max(ofGem, Math.abs(TorchvisionGoldenTest.gem(map, c) - one.gem[c]));
      }
      String what = name + " to " + layer + " at " + one.width + "x" + one.height;
      report(what, difference / largest, ofGem / largest);
      assertThat(largest).as(what).isPositive();
      assertThat(difference / largest).as("map of " + what).isLessThan(TOLERANCE);
      assertThat(ofGem / largest).as("GeM of " + what).isLessThan(TOLERANCE);
    }
  }

  private static void report(String what, double map, double gem) throws IOException {
    @Nullable String file = System.getProperty("parity.report");
    if (file != null) {
      Files.writeString(
          Path.of(file),
          String.format(Locale.ROOT, "%s: map %.1e, GeM %.1e%n", what, map, gem),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}
