// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.deepretrieval.Box;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.SearchHit;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Writes an evaluation as JSON, for programs to read.
 *
 * <pre>
 * dataSet, meanAveragePrecision, randomMeanAveragePrecision,
 * precisionAt {"1", "5", "10"}, revisitedPrecisionAt {"1", "5", "10"},
 * databaseSize, depth, similarity, recipe {part: value}, recipeFingerprint, rerankers [text],
 * seconds {extraction, indexing, search},
 * queries [{id, box [x1,y1,x2,y2] or null, averagePrecision, positives, positiveRanks [from 0],
 *           hits [{id, score, judgement good|ok|junk|wrong}]}],
 * skippedQueries [{id, box}], failures [{id, reason}],
 * protocols [{name, scores {metric: value}, randomMeanAveragePrecision, skippedQueries (a number),
 *             queries [{id, box, values {metric: value}}]}]
 * </pre>
 *
 * <p>The members before {@code protocols} are those of the first protocol. GAP has no value of a
 * query. Numbers are in full precision, so that what is read back is what was measured.
 */
public final class ResultJson {
  private ResultJson() {}

  /**
   * Makes the text.
   *
   * @param result what to write
   * @param hits how many hits of each query at most, at least 0
   * @return JSON (RFC 8259), with line breaks
   * @throws IllegalArgumentException if hits is negative
   */
  public static String of(EvaluationResult result, int hits) {
    StringWriter text = new StringWriter();
    try {
      write(result, text, hits);
    } catch (IOException e) {
      throw new UncheckedIOException("a string takes every text", e);
    }
    return text.toString();
  }

  /**
   * Writes a file in UTF-8. It is there whole or not at all.
   *
   * @param result what to write
   * @param file where to; replaced if it exists; missing directories are made
   * @param hits how many hits of each query at most, at least 0
   * @throws IllegalArgumentException if hits is negative
   * @throws IOException if the file cannot be written
   */
  public static void write(EvaluationResult result, Path file, int hits) throws IOException {
    AtomicFiles.createDirectoryOf(file);
    AtomicFiles.writeText(file, out -> write(result, out, hits));
  }

  private static void write(EvaluationResult result, Writer out, int hits) throws IOException {
    if (hits < 0) {
      throw new IllegalArgumentException("hits must be at least 0 but were " + hits);
    }
    JsonWriter json = writer(out);
    json.beginObject();
    json.name("dataSet").value(result.dataSet());
    json.name("meanAveragePrecision").value(result.meanAveragePrecision());
    json.name("randomMeanAveragePrecision").value(result.randomMeanAveragePrecision());
    json.name("precisionAt").beginObject();
    for (int k : List.of(1, 5, 10)) {
      json.name(String.valueOf(k)).value(result.meanPrecisionAt(k));
    }
    json.endObject();
    json.name("revisitedPrecisionAt").beginObject();
    for (int k : List.of(1, 5, 10)) {
      json.name(String.valueOf(k)).value(result.meanRevisitedPrecisionAt(k));
    }
    json.endObject();
    json.name("databaseSize").value(result.databaseSize());
    json.name("depth").value(result.depth());
    json.name("similarity").value(result.similarity().name());
    json.name("recipe").beginObject();
    for (Map.Entry<String, String> part : result.recipe().parts().entrySet()) {
      json.name(part.getKey()).value(part.getValue());
    }
    json.endObject();
    json.name("recipeFingerprint").value(result.recipe().fingerprint());
    json.name("rerankers").beginArray();
    for (String reranker : result.rerankers()) {
      json.value(reranker);
    }
    json.endArray();
    json.name("seconds").beginObject();
    json.name("extraction").value(seconds(result.timings().extraction()));
    json.name("indexing").value(seconds(result.timings().indexing()));
    json.name("search").value(seconds(result.timings().search()));
    json.endObject();
    json.name("queries").beginArray();
    for (QueryResult query : result.queries()) {
      write(query, json, hits);
    }
    json.endArray();
    json.name("skippedQueries").beginArray();
    for (Query query : result.skippedQueries()) {
      json.beginObject();
      write(query, json);
      json.endObject();
    }
    json.endArray();
    json.name("failures").beginArray();
    for (ExtractionReport.Failure failure : result.failures()) {
      json.beginObject();
      json.name("id").value(failure.id());
      json.name("reason").value(failure.reason());
      json.endObject();
    }
    json.endArray();
    json.name("protocols").beginArray();
    for (ProtocolResult protocol : result.protocols()) {
      write(protocol, json);
    }
    json.endArray();
    json.endObject();
    json.flush();
    out.write('\n');
  }

  /** One member or element a line. The caller closes what is below it. */
  static JsonWriter writer(Writer out) {
    JsonWriter json = new JsonWriter(new SurrogateEscapes(out));
    json.setFormattingStyle(FormattingStyle.PRETTY);
    json.setHtmlSafe(false);
    return json;
  }

  private static void write(ProtocolResult protocol, JsonWriter json) throws IOException {
    json.beginObject();
    json.name("name").value(protocol.name());
    json.name("scores").beginObject();
    for (Map.Entry<String, Double> score : protocol.scores().entrySet()) {
      json.name(score.getKey()).value(score.getValue());
    }
    json.endObject();
    json.name("randomMeanAveragePrecision").value(protocol.randomMeanAveragePrecision());
    json.name("skippedQueries").value(protocol.skippedQueries().size());
    json.name("queries").beginArray();
    for (QueryResult query : protocol.queries()) {
      json.beginObject();
      write(query.query(), json);
      json.name("values").beginObject();
      for (Metric metric : protocol.metrics()) {
        if (metric.isMean()) {
          json.name(metric.name()).value(metric.of(query));
        }
      }
      json.endObject();
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static void write(Query query, JsonWriter json) throws IOException {
    json.name("id").value(query.image().id());
    json.name("box");
    if (query.box().isPresent()) {
      Box box = query.box().get();
      json.beginArray().value(box.x1()).value(box.y1()).value(box.x2()).value(box.y2()).endArray();
    } else {
      json.nullValue();
    }
  }

  private static void write(QueryResult result, JsonWriter json, int hits) throws IOException {
    Judgments judgments = result.query().judgments();
    json.beginObject();
    write(result.query(), json);
    json.name("averagePrecision").value(result.averagePrecision());
    json.name("positives").value(judgments.positives().size());
    json.name("positiveRanks").beginArray();
    for (int rank : result.positiveRanks()) {
      json.value(rank);
    }
    json.endArray();
    json.name("hits").beginArray();
    for (SearchHit hit : result.ranking().subList(0, Math.min(hits, result.ranking().size()))) {
      json.beginObject();
      json.name("id").value(hit.id());
      json.name("score").value(hit.score());
      json.name("judgement").value(Judgment.of(hit.id(), judgments).word());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }
}
