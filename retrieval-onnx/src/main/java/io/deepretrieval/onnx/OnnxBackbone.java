// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final OnnxSession session;
  private final OnnxSignature signature;
  private final OutputLayout layout;
  private final PixelTable table;
  private final int concurrency;
  private final Semaphore permits;
  private final ConcurrentLinkedQueue<InputBuffer> buffers = new ConcurrentLinkedQueue<>();
  private final BackboneSpec spec;
  private volatile boolean closed;

  private OnnxBackbone(Builder builder, OnnxFileCheck scan, OnnxSession session)
      throws IOException {
    this.file = builder.file;
    this.session = session;
    this.concurrency = builder.concurrency;
    this.permits = new Semaphore(concurrency, true);
    Map<String, String> metadata = scan.metadata();
    this.signature =
        OnnxSignature.of(
            file,
            session.inputs(),
            session.outputs(),
            builder.output != null ? builder.output : metadata.get(OnnxMetadata.LAYER));
    this.layout = layout(builder, scan);
    Preprocessing preprocessing = OnnxMetadata.preprocessing(file, builder.preprocessing, metadata);
    this.table = new PixelTable(preprocessing);
    int stride =
        signature.tokens() ? layout.patch() : OnnxMetadata.stride(file, builder.stride, metadata);
    String name =
        builder.name != null ? builder.name : metadata.getOrDefault(OnnxMetadata.BACKBONE, "onnx");
    String sha256 = scan.sha256();
    // A wrong name is refused before the network runs.
    BackboneSpec first =
        new BackboneSpec(name, signature.output(), sha256, preprocessing, new FeatureSpec(1, 1));
    this.spec =
        new BackboneSpec(first.name(), signature.output(), sha256, preprocessing, features(stride));
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
    OnnxSession session = OnnxSession.open(builder.file, builder.threads, builder.cuda);
    try {
      return new OnnxBackbone(builder, scan, session);
    } catch (IOException | RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private OutputLayout layout(Builder builder, OnnxFileCheck scan) throws IOException {
    if (!signature.tokens()) {
      return new SpatialLayout(file);
    }
    int patch = builder.patch > 0 ? builder.patch : scan.patch();
    if (patch == 0) {
      throw OnnxSignature.error(
          file, "does not show the side of its patches: the option patch must say it");
    }
    return new TokenLayout(file, patch, builder.prefix);
  }

  /** Channels and stride; what the file does not say, a run on black images shows. */
  private FeatureSpec features(int declaredStride) throws IOException {
    long channels = signature.channels();
    int stride = declaredStride;
    if (stride == 0 || channels < 1) {
      int side = layout.patch() * Math.max(1, PROBE / layout.patch());
      int height = signature.heightOr(side);
      int width = signature.widthOr(side);
      FeatureMap small = probe(width, height);
      channels = small.channels();
      if (stride == 0 && signature.fixedWidth()) {
        stride = Math.max(1, Math.round((float) width / small.width()));
      } else if (stride == 0) {
        int more = probe(2 * width, height).width() - small.width();
        if (more < 1) {
          throw OnnxSignature.error(
              file, "does not show its stride: the option stride must say it");
        }
        stride = Math.round((float) width / more);
      }
    }
    return new FeatureSpec(Math.toIntExact(channels), stride);
  }

  private FeatureMap probe(int width, int height) throws IOException {
    try {
      return run(RgbImage.copyOf(width, height, new byte[3 * width * height]), new InputBuffer());
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
    InputBuffer buffer = buffers.poll();
    if (buffer == null) {
      buffer = new InputBuffer();
    }
    try {
      List<FeatureMap> maps = new ArrayList<>(images.size());
      for (RgbImage image : images) {
        requireOpen();
        FeatureMap map = run(image, buffer);
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
      buffers.add(buffer);
      permits.release();
    }
  }

  private FeatureMap run(RgbImage image, InputBuffer buffer) {
    int patch = layout.patch();
    int height = image.height() / patch * patch;
    int width = image.width() / patch * patch;
    String size = image.width() + "x" + image.height();
    if (height == 0 || width == 0) {
      throw new IllegalArgumentException(
          "image must be at least " + patch + "x" + patch + " but was " + size);
    }
    signature.requireSize(image, height, width);
    return session.run(
        signature,
        buffer.write(image, height, width, table),
        height,
        width,
        size,
        (shape, values) -> layout.map(shape, values, height, width));
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
      session.close();
      buffers.clear();
    } finally {
      permits.release(concurrency);
    }
  }

  @Override
  public String toString() {
    return "OnnxBackbone[" + file + " to " + spec.layer() + "]";
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
