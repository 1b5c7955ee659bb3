// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import io.github.jbellis.jvector.graph.similarity.ScoreFunction;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Product-quantized copies of the rows of a graph. */
final class GraphCodes {
  private final ProductQuantizer quantizer;
  private final byte[][] chunks;

  private GraphCodes(ProductQuantizer quantizer, byte[][] chunks) {
    this.quantizer = quantizer;
    this.chunks = chunks;
  }

  /** Trains a quantizer on the rows and encodes them, some bytes a row. */
  static GraphCodes of(GraphRows rows, int bytes, WorkerPool pool) {
    ProductQuantizer quantizer = ProductQuantizer.train(rows, bytes, pool);
    return new GraphCodes(quantizer, quantizer.encode(rows, pool));
  }

  static GraphCodes read(ByteBuffer in, int rows) {
    ProductQuantizer quantizer = ProductQuantizer.read(in);
    return new GraphCodes(quantizer, ProductQuantizer.readCodes(in, rows, quantizer.parts()));
  }

  /** The codes, some thousand rows at a time. */
  byte[][] chunks() {
    return chunks;
  }

  void write(CheckedFile.Writer out) throws IOException {
    quantizer.write(out, chunks);
  }

  /** How alike a query is to nodes, by their codes. */
  ScoreFunction.ApproximateScoreFunction likeness(GraphRows rows, float[] query, double norm) {
    Similarity similarity = rows.similarity;
    float[] table = quantizer.table(similarity, query);
    int parts = quantizer.parts();
    float factor = rows.factor(norm);
    boolean distance = similarity == Similarity.L2 || similarity == Similarity.L1;
    return node -> {
      byte[] chunk = chunks[node / ProductQuantizer.CHUNK];
      float sum =
          ProductQuantizer.sum(table, chunk, node % ProductQuantizer.CHUNK * parts, parts) * factor;
      return distance ? GraphRows.ofDistance(sum) : GraphRows.ofProduct(sum);
    };
  }
}
