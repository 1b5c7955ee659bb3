// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file as a backbone, run by ONNX Runtime.
 *
 * <p>The file has one float32 input {@code [N,3,H,W]}. The map is an output of one of two layouts:
 *
 * <ul>
 *   <li>spatial, {@code [N,C,H,W]};
 *   <li>tokens of a vision transformer, {@code [N,T,C]} with {@code T = prefix + (H/p)(W/p)}: class
 *       and register tokens in front are left out, the patches, row by row, become the map {@code
 *       [C,H/p,W/p]}. H and W need not be multiples of the patch side p: the fewer than p rows at
 *       the bottom and columns at the right that fill no patch are left out, as a convolution with
 *       stride p and no padding does.
 * </ul>
 *
 * <p>The file is read with bounds before native code sees it. Operators of other domains than
 * ONNX's own and the runtime's, and external data outside the file's folder, are refused.
 *
 * <p>Images run one by one, so that the map does not depend on the batch to the bit; the threads of
 * the runtime share the work on one image. Thread-safe: at most {@link Builder#concurrency} calls
 * run at once, the others wait, {@link #close} too. Memory: what the runtime takes, and for each
 * concurrent call the input of the largest image seen.
 */
public final class OnnxBackbone implements Backbone {
  private static final int PROBE = 128;

  private final Path file;
  private final OrtSession session;
  private final String input;
  private final long[] inputShape;
  private final float[][] table = new float[3][256];
  private final boolean bgr;
  private final boolean tokens;
  private final int patch;
  private final int prefix;
  private final int concurrency;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<Arena> arenas = new ConcurrentLinkedQueue<>();
  private final BackboneSpec spec;
  private volatile boolean closed;

  private OnnxBackbone(Builder builder, OnnxFileCheck scan, OrtSession session)
      throws IOException, OrtException {
    this.file = builder.file;
    this.session = session;
    this.concurrency = builder.concurrency;
    this.permits = new Semaphore(concurrency, true);
    Map<String, String> metadata = scan.metadata();
    Map<String, NodeInfo> inputs = session.getInputInfo();
    if (inputs.size() != 1) {
      throw error("must have one input but has " + described(inputs));
    }
    this.input = inputs.keySet().iterator().next();
    TensorInfo in = tensor(inputs, input, "input");
    this.inputShape = in.getShape();
    if (inputShape.length != 4 || (inputShape[1] != 3 && inputShape[1] != -1)) {
      throw error("must have an input [N,3,H,W] but has " + described(inputs));
    }
    if (inputShape[0] > 1) {
      throw error("must take a batch of 1 but takes " + described(inputs));
    }
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    String output = output(builder.output, metadata, outputs);
    TensorInfo out = tensor(outputs, output, "output");
    int rank = out.getShape().length;
    if (rank != 3 && rank != 4) {
      throw error(
          "must have an output [N,C,H,W] or [N,T,C] but '"
              + output
              + "' has not: outputs "
              + described(outputs));
    }
    this.tokens = rank == 3;
    this.patch = !tokens ? 1 : builder.patch > 0 ? builder.patch : scan.patch();
    if (patch == 0) {
      throw error("does not show the side of its patches: the option patch must say it");
    }
    this.prefix = builder.prefix;
    Preprocessing preprocessing = preprocessing(builder.preprocessing, metadata);
    this.bgr = preprocessing.order() == Preprocessing.ChannelOrder.BGR;
    for (int c = 0; c < 3; c++) {
      double mean = preprocessing.mean().get(c);
      double std = preprocessing.std().get(c);
      for (int v = 0; v < 256; v++) {
        table[c][v] = (float) ((v * preprocessing.scale() - mean) / std);
      }
    }
    int stride = tokens ? patch : stride(builder.stride, metadata);
    long declared = out.getShape()[tokens ? 2 : 1];
    FeatureSpec features = new FeatureSpec(1, 1);
    String sha256 = scan.sha256();
    String name =
        builder.name != null ? builder.name : metadata.getOrDefault(OnnxMetadata.BACKBONE, "onnx");
    BackboneSpec first = new BackboneSpec(name, output, sha256, preprocessing, features);
    if (stride == 0 || declared < 1) {
      int height = inputShape[2] > 0 ? (int) inputShape[2] : patch * Math.max(1, PROBE / patch);
      int width = inputShape[3] > 0 ? (int) inputShape[3] : patch * Math.max(1, PROBE / patch);
      FeatureMap small = probe(output, width, height);
      declared = small.channels();
      if (stride == 0 && inputShape[3] > 0) {
        stride = Math.max(1, Math.round((float) width / small.width()));
      } else if (stride == 0) {
        int more = probe(output, 2 * width, height).width() - small.width();
        if (more < 1) {
          throw error("does not show its stride: the option stride must say it");
        }
        stride = Math.round((float) width / more);
      }
    }
    this.spec =
        new BackboneSpec(
            first.name(),
            output,
            sha256,
            preprocessing,
            new FeatureSpec(Math.toIntExact(declared), stride));
  }

  /**
   * Starts a backbone.
   *
   * @param file an {@code .onnx} file
   * @return a builder
   */
  public static Builder builder(Path file) {
    return new Builder(file);
  }

  private static OnnxBackbone open(Builder builder) throws IOException {
    OnnxFileCheck scan = OnnxFileCheck.read(builder.file, builder.maxBytes);
    OrtSession session = null;
    // Before the options, which would start the runtime on the caller's stack.
    OrtEnvironment environment = Environment.shared();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(builder.threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (builder.cuda >= 0) {
        cuda(options, builder.cuda);
      }
      session = environment.createSession(builder.file.toString(), options);
      OnnxBackbone backbone = new OnnxBackbone(builder, scan, session);
      session = null;
      return backbone;
    } catch (OrtException e) {
      throw new IOException(
          "ONNX file " + builder.file + " is not taken by ONNX Runtime: " + line(e), e);
    } finally {
      if (session != null) {
        close(session);
      }
    }
  }

  private static void cuda(OrtSession.SessionOptions options, int device) {
    try {
      options.addCUDA(device);
    } catch (OrtException | LinkageError e) {
      throw new IllegalArgumentException(
          "device cuda:"
              + device
              + " must have com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime, a"
              + " driver and CUDA 12: "
              + line(e),
          e);
    }
  }

  private static String line(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private IOException error(String what) {
    return new IOException("ONNX file " + file + " " + what);
  }

  private String output(
      @Nullable String asked, Map<String, String> metadata, Map<String, NodeInfo> outputs)
      throws IOException {
    String name = asked != null ? asked : metadata.get(OnnxMetadata.LAYER);
    if (name == null && outputs.size() == 1) {
      return outputs.keySet().iterator().next();
    }
    if (name == null) {
      throw error("has several outputs, one must be chosen: " + described(outputs));
    }
    if (!outputs.containsKey(name)) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " has no output '" + name + "', it has " + described(outputs));
    }
    return name;
  }

  private TensorInfo tensor(Map<String, NodeInfo> nodes, String name, String kind)
      throws IOException {
    NodeInfo node = nodes.get(name);
    if (node != null
        && node.getInfo() instanceof TensorInfo tensor
        && tensor.type == OnnxJavaType.FLOAT
        && tensor.onnxType == TensorInfo.OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      return tensor;
    }
    throw error("must have a float32 " + kind + " but has " + described(nodes));
  }

  private static String described(Map<String, NodeInfo> nodes) {
    List<String> parts = new ArrayList<>();
    nodes.forEach(
        (name, node) ->
            parts.add(
                name
                    + " "
                    + (node.getInfo() instanceof TensorInfo tensor
                        ? tensor.type + Arrays.toString(tensor.getShape()).replace("-1", "?")
                        : "no tensor")));
    return String.join(", ", parts);
  }

  private Preprocessing preprocessing(@Nullable Preprocessing asked, Map<String, String> metadata)
      throws IOException {
    if (asked != null) {
      return asked;
    }
    String text = metadata.get(OnnxMetadata.PREPROCESSING);
    if (text == null) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " does not say its preprocessing: the option must say it");
    }
    try {
      return OnnxMetadata.preprocessing(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("ONNX file " + file + ": " + e.getMessage(), e);
    }
  }

  private int stride(int asked, Map<String, String> metadata) throws IOException {
    String text = metadata.get(OnnxMetadata.STRIDE);
    if (asked > 0 || text == null) {
      return asked;
    }
    try {
      int stride = Integer.parseInt(text);
      if (stride > 0) {
        return stride;
      }
    } catch (NumberFormatException e) {
      throw new IOException("ONNX file " + file + " has the stride '" + text + "'", e);
    }
    throw error("has the stride '" + text + "'");
  }

  private FeatureMap probe(String output, int width, int height) throws IOException {
    try {
      return run(RgbImage.copyOf(width, height, new byte[3 * width * height]), new Arena(), output);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public BackboneSpec spec() {
    return spec;
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    requireOpen();
    permits.acquireUninterruptibly();
    Arena arena = arenas.poll();
    if (arena == null) {
      arena = new Arena();
    }
    try {
      List<FeatureMap> maps = new ArrayList<>(images.size());
      for (RgbImage image : images) {
        requireOpen();
        FeatureMap map = run(image, arena, spec.layer());
        if (map.channels() != spec.output().channels()) {
          throw new IllegalStateException(
              "ONNX file "
                  + file
                  + " must give maps of "
                  + spec.output().channels()
                  + " channels but gave "
                  + map);
        }
        maps.add(map);
      }
      return List.copyOf(maps);
    } finally {
      arenas.add(arena);
      permits.release();
    }
  }

  private FeatureMap run(RgbImage image, Arena arena, String output) {
    int height = image.height() / patch * patch;
    int width = image.width() / patch * patch;
    if (height == 0 || width == 0) {
      throw new IllegalArgumentException(
          "image must be at least " + patch + "x" + patch + " but was " + size(image));
    }
    if ((inputShape[2] > 0 && inputShape[2] != height)
        || (inputShape[3] > 0 && inputShape[3] != width)) {
      throw new IllegalArgumentException(
          "image must have the fixed size "
              + (inputShape[3] > 0 ? inputShape[3] : "any")
              + "x"
              + (inputShape[2] > 0 ? inputShape[2] : "any")
              + " of ONNX file "
              + file
              + " but was "
              + size(image));
    }
    FloatBuffer buffer = arena.input(3L * height * width);
    write(image, height, width, arena, buffer);
    try (OnnxTensor in =
            OnnxTensor.createTensor(
                Environment.shared(), buffer, new long[] {1, 3, height, width});
        OrtSession.Result result = session.run(Map.of(input, in), Set.of(output))) {
      OnnxTensor out = (OnnxTensor) result.get(0);
      long[] shape = out.getInfo().getShape();
      float[] values = out.getFloatBuffer().array();
      return tokens ? grid(shape, values, height, width) : spatial(shape, values);
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " cannot run on an image of " + size(image) + ": " + line(e), e);
    }
  }

  private static String size(RgbImage image) {
    return image.width() + "x" + image.height();
  }

  private FeatureMap spatial(long[] shape, float[] values) {
    if (shape.length != 4 || shape[0] != 1) {
      throw new IllegalStateException(
          "ONNX file " + file + " must give [1,C,H,W] but gave " + Arrays.toString(shape));
    }
    int channels = (int) shape[1];
    int height = (int) shape[2];
    int width = (int) shape[3];
    return FeatureMap.ofOwned(
        channels, height, width, Planes.toChannelsLast(values, channels, height * width));
  }

  private FeatureMap grid(long[] shape, float[] values, int height, int width) {
    int rows = height / patch;
    int columns = width / patch;
    long front = shape.length == 3 ? shape[1] - (long) rows * columns : -1;
    boolean holds = prefix >= 0 ? front == prefix : front == 0 || front == 1 || front == 5;
    if (shape.length != 3 || shape[0] != 1 || !holds) {
      throw new IllegalStateException(
          "ONNX file "
              + file
              + " must give [1,T,C] with T = "
              + (prefix >= 0 ? Integer.toString(prefix) : "0, 1 or 5")
              + " + "
              + rows
              + "*"
              + columns
              + " for "
              + width
              + "x"
              + height
              + " in patches of "
              + patch
              + " but gave "
              + Arrays.toString(shape));
    }
    int channels = (int) shape[2];
    return FeatureMap.ofOwned(
        channels, rows, columns, Arrays.copyOfRange(values, (int) front * channels, values.length));
  }

  /** Three planes, each of the rows and columns that fill patches. */
  private void write(RgbImage image, int height, int width, Arena arena, FloatBuffer out) {
    byte[] bytes = arena.row(image.width());
    float[] floats = arena.floats;
    for (int y = 0; y < height; y++) {
      image.copyRowTo(y, bytes);
      for (int c = 0; c < 3; c++) {
        float[] values = table[c];
        int at = bgr ? 2 - c : c;
        for (int x = 0; x < width; x++, at += 3) {
          floats[x] = values[bytes[at] & 0xFF];
        }
        out.put((c * height + y) * width, floats, 0, width);
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backbone is closed: " + spec.name());
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    permits.acquireUninterruptibly(concurrency);
    try {
      close(session);
      arenas.clear();
    } finally {
      permits.release(concurrency);
    }
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not close a session: " + line(e), e);
    }
  }

  @Override
  public String toString() {
    return "OnnxBackbone[" + file + " to " + spec.layer() + "]";
  }

  /** Working memory of one call, grown to the largest image. */
  private static final class Arena {
    private FloatBuffer input = FloatBuffer.allocate(0);
    private byte[] bytes = new byte[0];
    private float[] floats = new float[0];

    FloatBuffer input(long size) {
      if (size > Integer.MAX_VALUE / 4) {
        throw new IllegalArgumentException(
            "image must have at most " + Integer.MAX_VALUE / 12 + " pixels");
      }
      if (input.capacity() < size) {
        input =
            ByteBuffer.allocateDirect((int) (4 * size))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
      }
      input.clear();
      input.limit((int) size);
      return input;
    }

    byte[] row(int width) {
      if (bytes.length != 3 * width) {
        bytes = new byte[3 * width];
        floats = new float[width];
      }
      return bytes;
    }
  }

  /** Options of an ONNX backbone. */
  public static final class Builder {
    private final Path file;
    private @Nullable String name;
    private @Nullable String output;
    private @Nullable Preprocessing preprocessing;
    private int patch;
    private int prefix = -1;
    private int stride;
    private int cuda = -1;
    private int threads;
    private int concurrency = 1;
    private long maxBytes = Integer.MAX_VALUE;

    private Builder(Path file) {
      this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * Sets the name for the recipe.
     *
     * @param text kebab-case name; by default what the metadata says, or {@code onnx}
     * @return this builder
     */
    public Builder name(String text) {
      name = Objects.requireNonNull(text, "name");
      return this;
    }

    /**
     * Sets the output that is the map.
     *
     * @param text its name; by default what the metadata says, or the only one
     * @return this builder
     */
    public Builder output(String text) {
      output = Objects.requireNonNull(text, "output");
      return this;
    }

    /**
     * Sets how bytes become the input.
     *
     * @param rule by default what the metadata says; required where it says nothing
     * @return this builder
     */
    public Builder preprocessing(Preprocessing rule) {
      preprocessing = Objects.requireNonNull(rule, "preprocessing");
      return this;
    }

    /**
     * Sets the side of the patches of a vision transformer.
     *
     * @param pixels at least 1; by default that of the first convolution, if it cuts into squares
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder patch(int pixels) {
      patch = atLeast("patch", pixels, 1);
      return this;
    }

    /**
     * Sets how many tokens stand in front of the patches.
     *
     * @param count at least 0; by default 0, 1 (class) or 5 (class and four registers), as the
     *     output shows
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder prefixTokens(int count) {
      prefix = atLeast("prefix tokens", count, 0);
      return this;
    }

    /**
     * Sets the pixels between two neighboring cells of a spatial output.
     *
     * @param pixels at least 1; by default what the metadata says, or what a run on two sizes shows
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder stride(int pixels) {
      stride = atLeast("stride", pixels, 1);
      return this;
    }

    /**
     * Sets where the network runs.
     *
     * @param text {@code cpu}, the default, {@code cuda} or {@code cuda:N}; CUDA takes the artifact
     *     {@code onnxruntime_gpu} in place of {@code onnxruntime}
     * @return this builder
     * @throws IllegalArgumentException if it is none of these
     */
    public Builder device(String text) {
      if (!text.matches("cpu|cuda(:[0-9]{1,3})?")) {
        throw new IllegalArgumentException(
            "device must be cpu, cuda or cuda:N but was '" + text + "'");
      }
      cuda =
          text.equals("cpu") ? -1 : text.equals("cuda") ? 0 : Integer.parseInt(text.substring(5));
      return this;
    }

    /**
     * Sets how many threads work on one image.
     *
     * @param count at least 0; 0, the default, takes all cores
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder threads(int count) {
      threads = atLeast("threads", count, 0);
      return this;
    }

    /**
     * Sets how many calls run at once. Each takes its own working memory.
     *
     * @param calls at least 1; 1 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder concurrency(int calls) {
      concurrency = atLeast("concurrency", calls, 1);
      return this;
    }

    /**
     * Sets the bound on the file and its external data.
     *
     * @param bytes at least 1; 2 GiB less one by default, which the file without its external data
     *     never exceeds
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("max bytes must be at least 1 but was " + bytes);
      }
      maxBytes = bytes;
      return this;
    }

    private static int atLeast(String what, int value, int least) {
      if (value < least) {
        throw new IllegalArgumentException(
            what + " must be at least " + least + " but was " + value);
      }
      return value;
    }

    /**
     * Opens the file.
     *
     * @return a backbone, which the caller closes
     * @throws IOException if the file cannot be read, is damaged, of another format, over a bound,
     *     or has no such input and output; the message names it
     * @throws IllegalArgumentException if there is no such output, the preprocessing is not known,
     *     or the device cannot be used
     */
    public OnnxBackbone build() throws IOException {
      return open(this);
    }
  }
}
