// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import org.junit.jupiter.api.Test;

/** Double-precision values of an independent implementation, for every map of the file. */
class PoolingGoldenTest {
  /** What issue 4 asks of float results. */
  private static final double TOLERANCE = 1e-5;

  @Test
  void macAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      Golden.assertClose(
          new MacPooling().pool(Golden.map(golden)),
          Golden.doubles(golden.get("mac")),
          TOLERANCE,
          0);
    }
  }

  @Test
  void spocMeanAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      Golden.assertClose(
          SpocPooling.mean().pool(Golden.map(golden)),
          Golden.doubles(golden.get("spoc_mean")),
          TOLERANCE,
          0);
    }
  }

  @Test
  void spocCentrePriorAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      Golden.assertClose(
          SpocPooling.centrePrior().pool(Golden.map(golden)),
          Golden.doubles(golden.get("spoc_centre_prior_sum")),
          TOLERANCE,
          0);
    }
  }

  @Test
  void gemAndItsGradientsAgree() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      for (String name : golden.keySet()) {
        if (!name.startsWith("gem_p")) {
          continue;
        }
        JsonObject expected = golden.getAsJsonObject(name);
        FeatureMap map = Golden.map(golden);
        GemPooling gem = GemPooling.learnable(Float.parseFloat(name.substring(5)));
        Golden.assertClose(gem.pool(map), Golden.doubles(expected.get("y")), TOLERANCE, 0);

        PoolingGradient gradient = gem.backward(map, Golden.floats(expected.get("upstream")));
        float[] dx = gradient.map().toChannelsFirst();
        // a gradient spans many powers of ten: near 0 it is judged against the largest
        double largest = 0;
        for (float value : dx) {
          largest = Math.max(largest, Math.abs(value));
        }
        Golden.assertClose(dx, Golden.doubles(expected.get("dx")), TOLERANCE, 1e-3 * largest);
        double dp = expected.get("dp").getAsDouble();
        assertThat(Math.abs(gradient.parameters()[0] - dp))
            .as("dp of %s: found %s, expected %s", name, gradient.parameters()[0], dp)
            .isLessThanOrEqualTo(TOLERANCE * Math.max(Math.abs(dp), 0.1));
      }
    }
  }
}
