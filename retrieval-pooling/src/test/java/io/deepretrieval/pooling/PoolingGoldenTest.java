// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.ArrayList;
import java.util.List;
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
  void spocCenterPriorAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      Golden.assertClose(
          SpocPooling.centerPrior().pool(Golden.map(golden)),
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

  @Test
  void rmacAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      FeatureMap map = Golden.map(golden);
      List<List<Integer>> regions = new ArrayList<>();
      for (RegionGrid.Region r : RmacPooling.original().grid().regions(map.height(), map.width())) {
        regions.add(List.of(r.y(), r.x(), r.height()));
      }
      List<List<Integer>> expected = new ArrayList<>();
      for (JsonElement region : golden.getAsJsonArray("rmac_regions_y_x_size")) {
        JsonArray three = region.getAsJsonArray();
        expected.add(
            List.of(three.get(0).getAsInt(), three.get(1).getAsInt(), three.get(2).getAsInt()));
      }
      assertThat(regions).containsExactlyInAnyOrderElementsOf(expected);
      Golden.assertClose(
          Golden.normalized(RmacPooling.original().pool(map)),
          Golden.doubles(golden.get("rmac_tolias_unwhitened")),
          TOLERANCE,
          0);
      Golden.assertClose(
          RmacPooling.withWholeMap().pool(map),
          Golden.doubles(golden.get("rmac_with_whole_image")),
          TOLERANCE,
          0);
    }
  }

  @Test
  void crowAgrees() {
    for (JsonObject golden : Golden.sharedList("pooling.json")) {
      FeatureMap map = Golden.map(golden);
      CrowPooling crow = new CrowPooling();
      Golden.assertClose(
          crow.spatialWeights(map), Golden.doubles(golden.get("crow_spatial")), TOLERANCE, 0);
      Golden.assertClose(
          crow.channelWeights(map), Golden.doubles(golden.get("crow_channel")), TOLERANCE, 0);
      Golden.assertClose(crow.pool(map), Golden.doubles(golden.get("crow")), TOLERANCE, 0);
    }
  }

  @Test
  void classWeightedPoolingAgrees() {
    JsonObject golden =
        Golden.shared("rerank.json").getAsJsonObject().getAsJsonObject("class_weighted");
    FeatureMap features = Golden.map(golden);
    FeatureMap activations = Golden.map(golden, "f", "K");
    JsonArray byChannel = golden.getAsJsonArray("w_KxL");
    int k = byChannel.size();
    int classes = byChannel.get(0).getAsJsonArray().size();
    float[] weights = new float[classes * k];
    for (int i = 0; i < k; i++) {
      float[] row = Golden.floats(byChannel.get(i));
      for (int c = 0; c < classes; c++) {
        weights[c * k + i] = row[c];
      }
    }
    JsonArray vectors = golden.getAsJsonArray("class_vectors_l2");
    ClassWeightedPooling cam =
        ClassWeightedPooling.of(
                LinearTransform.affine("classifier", "golden", weights, new float[classes]))
            .withTopClasses(vectors.size());
    List<Integer> top = new ArrayList<>();
    golden.getAsJsonArray("top_classes").forEach(c -> top.add(c.getAsInt()));
    assertThat(cam.predict(activations)).startsWith(top.toArray(new Integer[0]));
    Golden.assertClose(
        new CrowPooling().channelWeights(features),
        Golden.doubles(golden.get("channel_weight")),
        TOLERANCE,
        0);
    List<float[]> found = cam.classVectors(features, activations);
    for (int i = 0; i < vectors.size(); i++) {
      Golden.assertClose(found.get(i), Golden.doubles(vectors.get(i)), TOLERANCE, 0);
    }
    Golden.assertClose(
        Golden.normalized(cam.pool(features, activations)),
        Golden.doubles(golden.get("descriptor_unwhitened")),
        TOLERANCE,
        0);
  }
}
