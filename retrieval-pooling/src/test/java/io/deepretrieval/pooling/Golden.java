// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Golden values: those of a folder {@code shared/golden} beside the repository. */
final class Golden {
  private Golden() {}

  /** Reads a file of the folder, or skips the test. */
  static JsonElement shared(String name) {
    Path file = SharedFiles.require("golden/" + name);
    try (Reader reader = Files.newBufferedReader(file)) {
      return JsonParser.parseReader(reader);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static List<JsonObject> sharedList(String name) {
    List<JsonObject> out = new ArrayList<>();
    shared(name).getAsJsonArray().forEach(e -> out.add(e.getAsJsonObject()));
    return out;
  }

  static double[] doubles(JsonElement array) {
    JsonArray values = array.getAsJsonArray();
    double[] out = new double[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = values.get(i).getAsDouble();
    }
    return out;
  }

  static float[] floats(JsonElement array) {
    double[] values = doubles(array);
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  static FeatureMap map(JsonObject golden, String values, String channels) {
    return FeatureMap.copyOfChannelsFirst(
        golden.get(channels).getAsInt(),
        golden.get("H").getAsInt(),
        golden.get("W").getAsInt(),
        floats(golden.get(values)));
  }

  static FeatureMap map(JsonObject golden) {
    return map(golden, "x", "C");
  }

  /** Each value to a relative error, values near 0 relative to a scale. */
  static void assertClose(float[] found, double[] expected, double tolerance, double zero) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat(Math.abs(found[i] - expected[i]))
          .as("value %d: found %s, expected %s", i, found[i], expected[i])
          .isLessThanOrEqualTo(tolerance * Math.max(Math.abs(expected[i]), zero));
    }
  }

  static float[] normalized(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (values[i] / Math.sqrt(squares));
    }
    return out;
  }
}
