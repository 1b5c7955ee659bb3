// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.MadeResults;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultJsonTest {
  private static final EvaluationResult RESULT = MadeResults.Small.RESULT;

  private static JsonObject parse(String text) {
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    return JsonParser.parseReader(reader).getAsJsonObject();
  }

  @Test
  void everyFigureIsReadBackExactly() {
    JsonObject json = parse(ResultJson.of(RESULT, 100));
    assertThat(json.get("dataSet").getAsString()).isEqualTo("made <set>");
    assertThat(json.get("meanAveragePrecision").getAsDouble())
        .isEqualTo(RESULT.meanAveragePrecision());
    assertThat(json.get("randomMeanAveragePrecision").getAsDouble())
        .isEqualTo(RESULT.randomMeanAveragePrecision());
    assertThat(json.getAsJsonObject("precisionAt").get("5").getAsDouble())
        .isEqualTo(RESULT.meanPrecisionAt(5));
    assertThat(json.getAsJsonObject("revisitedPrecisionAt").get("10").getAsDouble())
        .isEqualTo(RESULT.meanRevisitedPrecisionAt(10));
    assertThat(json.get("databaseSize").getAsInt()).isEqualTo(6);
    assertThat(json.get("depth").getAsInt()).isEqualTo(6);
    assertThat(json.get("similarity").getAsString()).isEqualTo("COSINE");
    assertThat(json.getAsJsonObject("recipe").get("backbone").getAsString())
        .isEqualTo("colour <b>&");
    assertThat(json.get("recipeFingerprint").getAsString())
        .isEqualTo(RESULT.recipe().fingerprint());
    assertThat(json.getAsJsonArray("rerankers").get(0).getAsString()).isEqualTo("reverse n=3");
    assertThat(json.getAsJsonObject("seconds").get("extraction").getAsDouble()).isEqualTo(75.25);

    JsonObject first = json.getAsJsonArray("queries").get(0).getAsJsonObject();
    assertThat(first.get("id").getAsString()).isEqualTo("first");
    assertThat(first.getAsJsonArray("box").asList())
        .extracting(JsonElement::getAsDouble)
        .containsExactly(10.0, 20.0, 60.0, 200.0);
    assertThat(first.get("averagePrecision").getAsDouble())
        .isEqualTo(RESULT.queries().get(0).averagePrecision());
    assertThat(first.get("positives").getAsInt()).isEqualTo(3);
    assertThat(first.getAsJsonArray("positiveRanks").asList())
        .extracting(JsonElement::getAsInt)
        .containsExactly(0, 2, 4);
    assertThat(first.getAsJsonArray("hits").asList())
        .extracting(hit -> hit.getAsJsonObject().get("judgement").getAsString())
        .containsExactly("good", "wrong", "ok", "junk", "wrong", "good");
    JsonObject last = first.getAsJsonArray("hits").get(5).getAsJsonObject();
    assertThat(last.get("id").getAsString()).isEqualTo(MadeResults.HOSTILE);
    assertThat(last.get("score").getAsFloat())
        .isEqualTo(RESULT.queries().get(0).ranking().get(5).score());

    JsonObject unreadable = json.getAsJsonArray("queries").get(1).getAsJsonObject();
    assertThat(unreadable.get("box").isJsonNull()).isTrue();
    assertThat(unreadable.getAsJsonArray("hits")).isEmpty();
    assertThat(
            json.getAsJsonArray("skippedQueries").get(0).getAsJsonObject().get("id").getAsString())
        .isEqualTo("idle");
    assertThat(json.getAsJsonArray("failures").get(0).getAsJsonObject().get("reason").getAsString())
        .isEqualTo("cannot decode <unreadable>");

    JsonObject protocol = json.getAsJsonArray("protocols").get(0).getAsJsonObject();
    assertThat(protocol.get("name").getAsString()).isEqualTo("standard");
    assertThat(protocol.getAsJsonObject("scores").keySet())
        .containsExactly("mAP", "P@1", "P@5", "P@10");
    assertThat(protocol.getAsJsonObject("scores").get("mAP").getAsDouble())
        .isEqualTo(RESULT.meanAveragePrecision());
    assertThat(protocol.get("randomMeanAveragePrecision").getAsDouble())
        .isEqualTo(RESULT.randomMeanAveragePrecision());
    assertThat(protocol.get("skippedQueries").getAsInt()).isEqualTo(1);
    JsonObject query = protocol.getAsJsonArray("queries").get(0).getAsJsonObject();
    assertThat(query.get("id").getAsString()).isEqualTo("first");
    assertThat(query.getAsJsonObject("values").get("mAP").getAsDouble())
        .isEqualTo(RESULT.queries().get(0).averagePrecision());
    assertThat(query.getAsJsonObject("values").get("P@5").getAsDouble()).isEqualTo(0.6);
  }

  @Test
  void hitsAreBounded() {
    JsonObject json = parse(ResultJson.of(RESULT, 2));
    assertThat(json.getAsJsonArray("queries").get(0).getAsJsonObject().getAsJsonArray("hits"))
        .hasSize(2);
    assertThatThrownBy(() -> ResultJson.of(RESULT, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hits must be at least 0 but were -1");
  }

  @Test
  void fileHoldsTheSameText(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("new/result.json");
    ResultJson.write(RESULT, file, 3);
    assertThat(file).hasContent(ResultJson.of(RESULT, 3));
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void textsOfAllKindsAreReadBack() throws IOException {
    String text = "\"\\/\b\f\n\r\t\u0000\u001F\u007F é \uD83D\uDE00 \uD800 \u2028\u2029";
    StringWriter out = new StringWriter();
    ResultJson.writer(out).beginObject().name(text).value(text).endObject();
    assertThat(parse(out.toString()).get(text).getAsString()).isEqualTo(text);
    assertThat(out.toString().chars())
        .allMatch(c -> c == '\n' || (c >= ' ' && (c < 0xD800 || c > 0xDFFF)));
  }

  @Test
  void emptyAndNestedValuesHaveTheirForm() throws IOException {
    StringWriter out = new StringWriter();
    ResultJson.writer(out)
        .beginObject()
        .name("a")
        .beginArray()
        .endArray()
        .name("b")
        .beginArray()
        .value(1)
        .beginObject()
        .endObject()
        .nullValue()
        .endArray()
        .endObject();
    assertThat(out)
        .hasToString(
            """
            {
              "a": [],
              "b": [
                1,
                {},
                null
              ]
            }""");
  }

  @Test
  void numbersThatJsonLacksAreRefused() {
    JsonWriter json = ResultJson.writer(new StringWriter());
    assertThatThrownBy(() -> json.value(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Numeric values must be finite, but was NaN");
    assertThatThrownBy(() -> json.value(Float.NEGATIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Numeric values must be finite, but was -Infinity");
  }
}
