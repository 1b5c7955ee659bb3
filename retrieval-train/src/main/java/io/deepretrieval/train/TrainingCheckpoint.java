// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.internal.AtomicFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The state of a training in one file.
 *
 * <pre>
 * 8 bytes  DEEPRCKP
 * int      version, 1
 * text     recipe: a training of another recipe may not go on from it
 * int      epoch, from 0
 * int      step within the epoch that comes next
 * long     updates done
 * double[] sums of the epoch so far: loss, steps, active tuples, images, spread, spread count; and
 *          the metric before
 * int      n epoch reports, each as its nine numbers
 * double   best metric, int its epoch
 * int      n batches of the epoch under way that were mined, each int length, int images
 * int      n arrays, each text name, int length, float32 values
 * long     CRC-32 of all before it
 * </pre>
 *
 * <p>Numbers are big-endian; a text is an int length and UTF-8.
 */
@SuppressWarnings("ArrayRecordComponent") // package-private, never shared
record TrainingCheckpoint(
    String recipe,
    int epoch,
    int step,
    long updates,
    double[] sums,
    List<EpochReport> history,
    double best,
    int bestEpoch,
    List<int[]> batches,
    Map<String, float[]> arrays) {
  private static final long MAGIC = 0x4445455052434B50L;
  private static final int VERSION = 1;
  private static final int CHUNK = 1 << 14;

  /** Writes under a temporary name, forces to disk and renames. */
  void write(Path file) throws IOException {
    AtomicFiles.writeStream(
        file,
        plain -> {
          CheckedOutputStream checked = new CheckedOutputStream(plain, new CRC32());
          DataOutputStream out = new DataOutputStream(checked);
          write(out);
          out.flush();
          out.writeLong(checked.getChecksum().getValue());
          out.flush();
        });
  }

  private void write(DataOutputStream out) throws IOException {
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    text(out, recipe);
    out.writeInt(epoch);
    out.writeInt(step);
    out.writeLong(updates);
    out.writeInt(sums.length);
    for (double sum : sums) {
      out.writeDouble(sum);
    }
    out.writeInt(history.size());
    for (EpochReport r : history) {
      out.writeInt(r.epoch());
      out.writeDouble(r.loss());
      out.writeLong(r.activeTuples());
      out.writeLong(r.images());
      out.writeDouble(r.seconds());
      out.writeDouble(r.learningRate());
      out.writeDouble(r.spread());
      out.writeDouble(r.exponent());
      out.writeDouble(r.meanAveragePrecision());
    }
    out.writeDouble(best);
    out.writeInt(bestEpoch);
    out.writeInt(batches.size());
    for (int[] batch : batches) {
      out.writeInt(batch.length);
      for (int image : batch) {
        out.writeInt(image);
      }
    }
    out.writeInt(arrays.size());
    for (Map.Entry<String, float[]> entry : arrays.entrySet()) {
      text(out, entry.getKey());
      float[] values = entry.getValue();
      out.writeInt(values.length);
      byte[] bytes = new byte[4 * Math.min(CHUNK, values.length)];
      for (int from = 0; from < values.length; from += CHUNK) {
        int n = Math.min(CHUNK, values.length - from);
        java.nio.ByteBuffer.wrap(bytes).asFloatBuffer().put(values, from, n);
        out.write(bytes, 0, 4 * n);
      }
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is of a later version or damaged; the message names
   *     it
   */
  static TrainingCheckpoint read(Path file) throws IOException {
    long size = Files.size(file);
    try (CheckedInputStream checked =
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 16), new CRC32());
        DataInputStream in = new DataInputStream(checked)) {
      if (in.readLong() != MAGIC) {
        throw broken(file, "it must begin with DEEPRCKP");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw broken(file, "version must be " + VERSION + " but was " + version);
      }
      String recipe = text(in, size, file);
      int epoch = in.readInt();
      int step = in.readInt();
      long updates = in.readLong();
      double[] sums = new double[length(in, size / 8, file)];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = in.readDouble();
      }
      List<EpochReport> history = new ArrayList<>();
      int reports = length(in, size / 64, file);
      for (int i = 0; i < reports; i++) {
        history.add(
            new EpochReport(
                in.readInt(),
                in.readDouble(),
                in.readLong(),
                in.readLong(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble()));
      }
      double best = in.readDouble();
      int bestEpoch = in.readInt();
      List<int[]> batches = new ArrayList<>();
      int batchCount = length(in, size / 4, file);
      for (int b = 0; b < batchCount; b++) {
        int[] batch = new int[length(in, size / 4, file)];
        for (int i = 0; i < batch.length; i++) {
          batch[i] = in.readInt();
        }
        batches.add(batch);
      }
      Map<String, float[]> arrays = new LinkedHashMap<>();
      int count = length(in, size / 8, file);
      byte[] bytes = new byte[4 * CHUNK];
      for (int a = 0; a < count; a++) {
        String name = text(in, size, file);
        float[] values = new float[length(in, size / 4, file)];
        for (int from = 0; from < values.length; from += CHUNK) {
          int n = Math.min(CHUNK, values.length - from);
          in.readFully(bytes, 0, 4 * n);
          java.nio.ByteBuffer.wrap(bytes).asFloatBuffer().get(values, from, n);
        }
        arrays.put(name, values);
      }
      long expected = checked.getChecksum().getValue();
      long stored = in.readLong();
      if (stored != expected) {
        throw broken(file, "CRC-32 must be " + expected + " but " + stored + " is stored");
      }
      if (in.read() >= 0) {
        throw broken(file, "it must end behind its checksum");
      }
      return new TrainingCheckpoint(
          recipe, epoch, step, updates, sums, history, best, bestEpoch, batches, arrays);
    } catch (EOFException e) {
      throw new IOException(
          "cannot read checkpoint " + file + ": it ended at byte " + size + " too early", e);
    }
  }

  private static int length(DataInputStream in, long most, Path file) throws IOException {
    int n = in.readInt();
    if (n < 0 || n > most) {
      throw broken(file, "a length must be 0 to " + most + " but was " + n);
    }
    return n;
  }

  private static String text(DataInputStream in, long size, Path file) throws IOException {
    byte[] bytes = new byte[length(in, size, file)];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static IOException broken(Path file, String reason) {
    return new IOException("cannot read checkpoint " + file + ": " + reason);
  }
}
