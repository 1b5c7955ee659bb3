// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.deepretrieval.Descriptor;
import io.deepretrieval.LinearMap;
import io.deepretrieval.Transform;
import io.deepretrieval.internal.AtomicFiles;
import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.kernel.Scratch;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A linear map of descriptors, y = W(x - m) + b: what PCA, whitening and learned projections come
 * down to. It knows its kind and what it was fitted on.
 *
 * <p>{@code [D]} gives {@code [d]}. The zero vector gives b - Wm. Cost: d·D multiplications.
 * Immutable and thread-safe.
 *
 * <p><b>File.</b> Little-endian:
 *
 * <pre>
 * bytes  what
 * 8      "DEEPRLIN"
 * 4      version, 1
 * 4, 4   D, d
 * 8      number of vectors it was fitted on, 0 if unknown
 * 4 + k  kind: length in bytes, UTF-8
 * 4 + k  name of the data set it was fitted on: length in bytes, UTF-8
 * 4 D    m, float32
 * 4 d    b, float32
 * 4 d D  W, float32, row by row
 * 4      CRC-32 of all bytes before
 * </pre>
 */
public final class LinearTransform implements Transform {
  private static final byte[] MAGIC = "DEEPRLIN".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;

  private final String kind;
  private final String fittedOn;
  private final long fittedCount;
  private final int input;
  private final int output;
  private final float[] mean;
  private final float[] offset;
  private final float[] matrix;
  private final String recipe;
  private final Kernels kernels = Kernels.get();

  LinearTransform(
      String kind,
      String fittedOn,
      long fittedCount,
      float[] mean,
      float[] offset,
      float[] matrix) {
    this.kind = requireText(kind, "kind");
    this.fittedOn = requireText(fittedOn, "data set name");
    this.fittedCount = fittedCount;
    this.input = mean.length;
    this.output = offset.length;
    if (input < 1 || output < 1 || matrix.length != (long) input * output) {
      throw new IllegalArgumentException(
          String.format(
              "matrix of a transform %d->%d must have %d values, at least 1, but had %d",
              input, output, (long) input * output, matrix.length));
    }
    requireFinite(mean, "mean");
    requireFinite(offset, "offset");
    requireFinite(matrix, "matrix");
    this.mean = mean;
    this.offset = offset;
    this.matrix = matrix;
    this.recipe =
        String.format(
            "%s %d->%d fitted-on=%s n=%d sha256:%s",
            kind, input, output, fittedOn, fittedCount, hash());
  }

  /**
   * Makes a transform of given numbers, for instance of those of a checkpoint: {@code P} and {@code
   * m} of a whitening of cnnimageretrieval-pytorch are {@code matrix} and {@code mean}.
   *
   * @param kind one plain word or more, for the recipe, for instance {@code learned-whitening}
   * @param fittedOn the data set, for the recipe and {@link #isFittedOn}
   * @param mean m, {@code [D]} (copied)
   * @param matrix W, {@code [d,D]} row by row (copied)
   * @return y = W(x - m)
   * @throws IllegalArgumentException if the numbers do not fit each other, are not finite, or a
   *     text is not plain
   */
  public static LinearTransform centered(
      String kind, String fittedOn, float[] mean, float[] matrix) {
    int rows = mean.length == 0 ? 0 : matrix.length / mean.length;
    return new LinearTransform(kind, fittedOn, 0, mean.clone(), new float[rows], matrix.clone());
  }

  /**
   * Makes a transform of the weights and biases of a linear layer.
   *
   * @param kind one plain word or more, for the recipe, for instance {@code projection}
   * @param fittedOn the data set, for the recipe and {@link #isFittedOn}
   * @param matrix W, {@code [d,D]} row by row (copied)
   * @param bias b, {@code [d]} (copied)
   * @return y = Wx + b
   * @throws IllegalArgumentException if the numbers do not fit each other, are not finite, or a
   *     text is not plain
   */
  public static LinearTransform affine(String kind, String fittedOn, float[] matrix, float[] bias) {
    int columns = bias.length == 0 ? 0 : matrix.length / bias.length;
    return new LinearTransform(kind, fittedOn, 0, new float[columns], bias.clone(), matrix.clone());
  }

  /**
   * Makes a transform of the numbers of a checkpoint.
   *
   * @param map the numbers
   * @return y = W(x - m) + b
   * @throws IllegalArgumentException if a text is not plain
   */
  public static LinearTransform of(LinearMap map) {
    return new LinearTransform(map.kind(), map.fittedOn(), 0, map.mean(), map.bias(), map.matrix());
  }

  private static String requireText(String text, String what) {
    if (text.isBlank() || !text.equals(text.strip()) || text.matches("(?s).*[;\\r\\n\\[\\]].*")) {
      throw new IllegalArgumentException(
          what + " must be plain text without ; [ or ] but was '" + text + "'");
    }
    return text;
  }

  private static void requireFinite(float[] values, String what) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            what + " of a transform must be finite but value " + i + " was " + values[i]);
      }
    }
  }

  private String hash() {
    Hasher hasher = Hashing.sha256().newHasher();
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    for (float[] part : new float[][] {mean, offset, matrix}) {
      for (float value : part) {
        if (!bytes.hasRemaining()) {
          hasher.putBytes(bytes.flip());
          bytes.clear();
        }
        bytes.putFloat(value);
      }
    }
    hasher.putBytes(bytes.flip());
    return hasher.hash().toString().substring(0, 16);
  }

  /**
   * Returns W.
   *
   * @return a new array {@code [d,D]}, row by row
   */
  public float[] matrix() {
    return matrix.clone();
  }

  /**
   * Returns what is added to Wx: the bias less Wm.
   *
   * @return a new array {@code [d]}
   */
  public float[] constant() {
    float[] result = new float[output];
    for (int row = 0; row < output; row++) {
      double sum = offset[row];
      for (int i = 0; i < input; i++) {
        sum -= (double) matrix[row * input + i] * mean[i];
      }
      result[row] = (float) sum;
    }
    return result;
  }

  @Override
  public String recipe() {
    return recipe;
  }

  @Override
  public int inputDimension() {
    return input;
  }

  @Override
  public int outputDimension() {
    return output;
  }

  /**
   * Returns the name of the data set that it was fitted on.
   *
   * @return as it was given
   */
  public String fittedOn() {
    return fittedOn;
  }

  /**
   * Tells whether a data set is the one that it was fitted on, and logs a warning if so: a
   * whitening that has seen the test set gives figures that nobody else will reach.
   *
   * @param dataSet the name of the data set that is tested on
   * @return true if the names agree, whatever the case of their letters
   */
  public boolean isFittedOn(String dataSet) {
    return isFittedOn(dataSet, System.getLogger(LinearTransform.class.getName()));
  }

  boolean isFittedOn(String dataSet, System.Logger log) {
    boolean same = fittedOn.equalsIgnoreCase(dataSet.strip());
    if (same) {
      log.log(Level.WARNING, "[{0}] is tested on the data set that it was fitted on", recipe);
    }
    return same;
  }

  /**
   * Returns the transform that gives the first values of this one.
   *
   * @param dimension in [1, {@link #outputDimension}]
   * @return a changed copy
   * @throws IllegalArgumentException if the dimension is out of range
   */
  public LinearTransform cut(int dimension) {
    if (dimension < 1 || dimension > output) {
      throw new IllegalArgumentException(
          "output dimension must be in [1, " + output + "] but was " + dimension);
    }
    return new LinearTransform(
        kind,
        fittedOn,
        fittedCount,
        mean,
        Arrays.copyOf(offset, dimension),
        Arrays.copyOf(matrix, dimension * input));
  }

  @Override
  public Descriptor apply(Descriptor descriptor) {
    DescriptorCheck.requireDimension(descriptor, input, this);
    float[] x = Scratch.VECTOR.floats(input);
    descriptor.copyTo(x, 0);
    float[] y = new float[output];
    project(x, 1, y);
    return Descriptor.copyOf(y, descriptor.recipe());
  }

  @Override
  public Optional<LinearMap> linear() {
    return Optional.of(LinearMap.of(kind, fittedOn, mean, matrix, offset));
  }

  /**
   * Maps several vectors at once: the matrix is read once for all of them.
   *
   * @param vectors {@code [n,D]} one after the other (not modified)
   * @param n how many
   * @param result (modified) receives {@code [n,d]}
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public void project(float[] vectors, int n, float[] result) {
    float[] centered = Scratch.CENTERED.floats(n * input);
    for (int r = 0; r < n; r++) {
      for (int i = 0; i < input; i++) {
        centered[r * input + i] = vectors[r * input + i] - mean[i];
      }
    }
    for (int k = 0; k < output; k++) {
      for (int r = 0; r < n; r++) {
        result[r * output + k] =
            kernels.dot(matrix, k * input, centered, r * input, input) + offset[k];
      }
    }
  }

  /**
   * Multiplies one row of W with a vector, without m and b: what class activation maps are made of.
   *
   * @param row in [0, d)
   * @param vectors holds the vector {@code [D]} (not modified)
   * @param from index of its first value
   * @return Σ_j W_{row,j} x_j
   * @throws IndexOutOfBoundsException if the row or the vector is out of range
   */
  public float dotRow(int row, float[] vectors, int from) {
    return kernels.dot(matrix, row * input, vectors, from, input);
  }

  /**
   * Carries a gradient back: Wᵀg.
   *
   * @param gradient d loss / d y, {@code [d]} (not modified)
   * @param result (modified) receives d loss / d x, {@code [D]}
   * @throws IndexOutOfBoundsException if an array is too short
   */
  public void projectBack(float[] gradient, float[] result) {
    Arrays.fill(result, 0, input, 0f);
    for (int k = 0; k < output; k++) {
      kernels.addScaled(gradient[k], matrix, k * input, input, result, 0);
    }
  }

  /**
   * Writes the transform: to a temporary file beside the target, forced to disk, then renamed, so
   * that the target is never half written.
   *
   * @param file the target; replaced if it exists
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    byte[] kindBytes = kind.getBytes(StandardCharsets.UTF_8);
    byte[] nameBytes = fittedOn.getBytes(StandardCharsets.UTF_8);
    long size =
        MAGIC.length
            + 4L * 6
            + 8
            + kindBytes.length
            + nameBytes.length
            + 4L * (input + output)
            + 4L * matrix.length;
    if (size > Integer.MAX_VALUE) {
      throw new IOException(
          file + ": a transform must be smaller than 2 GB but has " + size + " bytes");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).putInt(VERSION).putInt(input).putInt(output).putLong(fittedCount);
    bytes.putInt(kindBytes.length).put(kindBytes).putInt(nameBytes.length).put(nameBytes);
    for (float[] part : new float[][] {mean, offset, matrix}) {
      for (float value : part) {
        bytes.putFloat(value);
      }
    }
    bytes.putInt(crc(bytes.array(), bytes.position())).flip();
    AtomicFiles.writeChannel(file, channel -> AtomicFiles.writeFully(channel, bytes));
  }

  /**
   * Reads a transform.
   *
   * @param file what {@link #write} wrote
   * @return the transform
   * @throws TransformFormatException if the file is no transform, of another version or damaged;
   *     the message names it
   * @throws IOException if it cannot be read
   */
  public static LinearTransform read(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    int head = MAGIC.length + 4;
    if (all.length < head || !Arrays.equals(MAGIC, Arrays.copyOf(all, MAGIC.length))) {
      throw new TransformFormatException(
          file + ": must begin with DEEPRLIN, the mark of a transform, but does not");
    }
    bytes.position(MAGIC.length);
    int version = bytes.getInt();
    if (version != VERSION) {
      throw new TransformFormatException(
          file + ": transform version must be " + VERSION + " but was " + version);
    }
    int body = all.length - 4;
    if (body < head || crc(all, body) != bytes.getInt(body)) {
      throw new TransformFormatException(
          file + ": checksum must match the " + body + " bytes before it but does not");
    }
    try {
      int input = bytes.getInt();
      int output = bytes.getInt();
      long count = bytes.getLong();
      String kind = text(bytes);
      String name = text(bytes);
      long numbers = (long) input + output + (long) input * output;
      if (input < 1 || output < 1 || bytes.remaining() != 4 * (numbers + 1)) {
        throw new TransformFormatException(
            String.format(
                "%s: a transform %d->%d must have %d bytes of numbers but has %d",
                file, input, output, 4 * numbers, bytes.remaining() - 4));
      }
      return new LinearTransform(
          kind,
          name,
          count,
          floats(bytes, input),
          floats(bytes, output),
          floats(bytes, input * output));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new TransformFormatException(file + ": is no transform: " + e.getMessage(), e);
    }
  }

  private static String text(ByteBuffer bytes) {
    int length = bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      throw new IllegalArgumentException("a text must fit the file but has " + length + " bytes");
    }
    byte[] utf8 = new byte[length];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static float[] floats(ByteBuffer bytes, int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = bytes.getFloat();
    }
    return out;
  }

  private static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearTransform that
        && recipe.equals(that.recipe)
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(offset, that.offset)
        && Arrays.equals(matrix, that.matrix);
  }

  @Override
  public int hashCode() {
    return recipe.hashCode();
  }

  @Override
  public String toString() {
    return recipe;
  }
}
