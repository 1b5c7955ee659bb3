// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From image to descriptor: crop, resize, backbone, pooling, L2 and, if asked for, several scales
 * and transforms.
 *
 * <pre>
 * image -&gt; [crop to box] -&gt; resize -&gt; backbone -&gt; pooling -&gt; L2 -&gt; [mean over scales -&gt; L2] -&gt; [transform -&gt; L2]*
 * </pre>
 *
 * <p><b>Size.</b> Without {@link Builder#imageSize} an image is taken as it is. With it, the longer
 * side is shrunk to that many pixels, never enlarged, by {@link Resampler}. A query box is cut out
 * first and then scaled by the factor that its whole image would get, so that things keep the size
 * that they have in the database, as the protocols of Oxford and Paris ask for.
 *
 * <p><b>Scales.</b> Each scale s resamples the source image to s times the size above; the vectors
 * of all scales are L2-normalized, averaged and normalized again; the mean may be a generalised
 * one, see {@link Builder#scaleExponent}.
 *
 * <p><b>L2</b> is v/‖v‖ without an epsilon; a zero vector has no direction and is refused, never
 * returned.
 *
 * <p>Thread-safe. Gives the same vector for an image whatever the batch and whatever the thread.
 * Owns the backbone: closing the extractor closes it, and every later call is an {@link
 * IllegalStateException}.
 */
public final class DescriptorExtractor implements AutoCloseable {
  private static final long BATCH_PIXELS = 1L << 20;

  private final Backbone backbone;
  private final Pooling pooling;
  private final ImageDecoder decoder;
  private final Optional<Integer> imageSize;
  private final List<Double> scales;
  private final double scaleExponent;
  private final List<Transform> transforms;
  private final int batch;
  private final int decodeThreads;
  private final int pooledDimension;
  private final int dimension;
  private final Recipe recipe;
  private volatile boolean closed;
  private volatile TracedDescriptor.@Nullable Steps steps;

  private DescriptorExtractor(Builder builder) {
    backbone = builder.backbone;
    pooling = builder.pooling;
    decoder = builder.decoder;
    imageSize = builder.imageSize;
    scales = builder.scales;
    scaleExponent = builder.scales.size() == 1 ? 1 : builder.scaleExponent;
    transforms = List.copyOf(builder.transforms);
    batch = builder.batch;
    decodeThreads = builder.decodeThreads;
    pooledDimension = pooling.dimension(backbone.spec().output().channels());
    int d = pooledDimension;
    for (Transform transform : transforms) {
      if (transform.inputDimension() != d) {
        throw new IllegalArgumentException(
            "transform ["
                + transform.recipe()
                + "] must take dimension "
                + d
                + " (what comes before it gives that) but takes "
                + transform.inputDimension());
      }
      d = transform.outputDimension();
    }
    dimension = d;
    recipe = makeRecipe();
  }

  /**
   * Starts an extractor.
   *
   * @param backbone the network (owned: closed with the extractor)
   * @param pooling how its maps become vectors
   * @param decoder how files become images
   * @return a builder
   */
  public static Builder builder(Backbone backbone, Pooling pooling, ImageDecoder decoder) {
    return new Builder(backbone, pooling, decoder);
  }

  private Recipe makeRecipe() {
    BackboneSpec spec = backbone.spec();
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("backbone", spec.name());
    parts.put("weights", spec.weightsSha256());
    parts.put("layer", spec.layer());
    parts.put("preprocessing", spec.preprocessing().recipe());
    parts.put("size", imageSize.map(n -> "longer side " + n + " lanczos3").orElse("as is"));
    String mean = scaleExponent == 1 || scales.size() == 1 ? "" : " by power mean " + scaleExponent;
    parts.put(
        "scales", scales.stream().map(String::valueOf).collect(Collectors.joining(",")) + mean);
    parts.put("pooling", pooling.recipe());
    parts.put(
        "transforms",
        transforms.isEmpty()
            ? "none"
            : transforms.stream().map(Transform::recipe).collect(Collectors.joining(" > ")));
    return Recipe.of(parts);
  }

  /**
   * Returns how the descriptors are made.
   *
   * @return the recipe that each of them carries
   */
  public Recipe recipe() {
    return recipe;
  }

  /**
   * Returns D.
   *
   * @return dimension of the descriptors
   */
  public int dimension() {
    return dimension;
  }

  /**
   * Describes an image.
   *
   * @param image the image
   * @return its descriptor, of length 1
   * @throws IllegalArgumentException if the image is too small for the network or its vector is
   *     zero or not finite
   * @throws IllegalStateException if the extractor is closed
   */
  public Descriptor extract(RgbImage image) {
    return extract(List.of(image)).get(0);
  }

  /**
   * Describes a part of an image.
   *
   * @param image the image
   * @param box the part
   * @return its descriptor, of length 1
   * @throws IllegalArgumentException if the box lies outside the image, the part is too small for
   *     the network or its vector is zero or not finite
   * @throws IllegalStateException if the extractor is closed
   */
  public Descriptor extract(RgbImage image, Box box) {
    requireOpen();
    return describe(List.of(prepare(image, Optional.of(box)))).get(0);
  }

  /**
   * Describes a query in several views, for {@link QueryViews#search}.
   *
   * @param image the image
   * @param box the part that is the query; empty for all of it
   * @param views which turned and mirrored copies
   * @return a descriptor a view, each of length 1, the image as it is first
   * @throws IllegalArgumentException if the box lies outside the image, the part is too small for
   *     the network or a vector is zero or not finite
   * @throws IllegalStateException if the extractor is closed
   */
  public List<Descriptor> extract(RgbImage image, Optional<Box> box, QueryViews views) {
    requireOpen();
    // turned after scaling, so that all views hold the same pixels
    List<List<RgbImage>> byScale = prepare(image, box).stream().map(views::of).toList();
    List<List<RgbImage>> prepared = new ArrayList<>();
    for (int view = 0; view < byScale.get(0).size(); view++) {
      int at = view;
      prepared.add(byScale.stream().map(turned -> turned.get(at)).toList());
    }
    return describe(prepared);
  }

  /**
   * Describes an image and keeps what tells which parts of it make it like another.
   *
   * @param image the image
   * @param box the part to describe; empty for all of it
   * @return its descriptor with the maps behind it
   * @throws IllegalArgumentException if the box lies outside the image, the part is too small for
   *     the network or its vector is zero or not finite
   * @throws IllegalStateException if the extractor is closed
   */
  public TracedDescriptor trace(RgbImage image, Optional<Box> box) {
    requireOpen();
    List<FeatureMap> maps = backbone.extract(prepare(image, box));
    TracedDescriptor.Steps known = steps;
    if (known == null) {
      known = new TracedDescriptor.Steps(pooling, scaleExponent, transforms);
      steps = known;
    }
    return new TracedDescriptor(combine(maps), known, maps);
  }

  /**
   * Reads and describes an image.
   *
   * @param source where the image is
   * @return its descriptor, of length 1
   * @throws ImageDecodeException if it cannot be read; it names the source
   * @throws IllegalArgumentException if the image is too small for the network or its vector is
   *     zero or not finite; the message names the source
   * @throws IllegalStateException if the extractor is closed
   */
  public Descriptor extract(ImageSource source) throws ImageDecodeException {
    requireOpen();
    RgbImage image = decoder.decode(source);
    try {
      return extract(image);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source.name() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Describes several images, of any sizes.
   *
   * @param images the images
   * @return their descriptors in the same order, each of length 1
   * @throws IllegalArgumentException if an image is too small for the network or its vector is zero
   *     or not finite
   * @throws IllegalStateException if the extractor is closed
   */
  public List<Descriptor> extract(List<RgbImage> images) {
    requireOpen();
    List<List<RgbImage>> prepared = new ArrayList<>();
    for (RgbImage image : images) {
      prepared.add(prepare(image, Optional.empty()));
    }
    return describe(prepared);
  }

  /**
   * Reads and describes many images. One that cannot be read or described is reported, listed and
   * skipped; the others go on. An image that the decoder fails on in any other way, lack of memory
   * included, counts as one that cannot be read.
   *
   * <p>While the network runs, other threads decode ahead until about as many pixels as a batch has
   * are ready, however large the images are: memory holds two batches and, for each decoding
   * thread, the image it works on. Results come in the order of the items, on the calling thread.
   * What the items, the listener or the backbone throw ends the extraction, and so does an
   * interrupt; the decoding threads end with it.
   *
   * @param items the images; drawn as needed
   * @param listener takes the descriptors
   * @return how many were described and which were skipped
   * @throws IllegalStateException if the extractor is closed or the thread is interrupted, which it
   *     stays
   */
  public ExtractionReport extractAll(Iterable<ExtractionItem> items, ExtractionListener listener) {
    requireOpen();
    List<ExtractionReport.Failure> failures = new ArrayList<>();
    int extracted = 0;
    ExecutorService decoders =
        Executors.newFixedThreadPool(
            decodeThreads,
            task -> {
              Thread thread = new Thread(task, "image-decoder");
              thread.setDaemon(true);
              return thread;
            });
    DecodeAhead ahead = new DecodeAhead(items.iterator(), decoders);
    try {
      while (true) {
        List<ExtractionItem> members = new ArrayList<>();
        List<List<RgbImage>> prepared = new ArrayList<>();
        List<Optional<String>> errors = new ArrayList<>();
        long pixels = 0;
        while (members.size() < batch && pixels < BATCH_PIXELS) {
          ahead.fill();
          Optional<ExtractionItem> next = ahead.next();
          if (next.isEmpty()) {
            break;
          }
          members.add(next.get());
          try {
            Prepared image = ahead.take();
            pixels += image.pixels();
            prepared.add(image.images);
            errors.add(Optional.empty());
          } catch (ImageDecodeException | IllegalArgumentException e) {
            errors.add(Optional.of(reason(next.get(), e)));
          }
        }
        if (members.isEmpty()) {
          return new ExtractionReport(extracted, failures);
        }
        ahead.fill();
        Iterator<Described> described = describeOneByOneOnError(prepared).iterator();
        for (int i = 0; i < members.size(); i++) {
          ExtractionItem item = members.get(i);
          Optional<String> error = errors.get(i);
          if (error.isEmpty()) {
            Described result = described.next();
            if (result.descriptor.isPresent()) {
              extracted++;
              listener.extracted(item, result.descriptor.get());
              continue;
            }
            error = result.error.map(e -> reason(item, e));
          }
          ExtractionReport.Failure failure =
              new ExtractionReport.Failure(item.id(), error.orElseThrow());
          failures.add(failure);
          listener.skipped(item, failure);
        }
      }
    } finally {
      decoders.shutdownNow();
    }
  }

  private static String reason(ExtractionItem item, Exception e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof ImageDecodeException ? message : item.source().name() + ": " + message;
  }

  /** The sizes of one image, decoded. */
  private record Prepared(List<RgbImage> images) implements DecodeGate.Sized {
    @Override
    public long pixels() {
      return images.stream().mapToLong(i -> (long) i.width() * i.height()).sum();
    }
  }

  private record Pending(ExtractionItem item, long number, Future<Prepared> prepared) {}

  /** Images under decoding, in their order; for the thread that extracts. */
  private final class DecodeAhead {
    private final Iterator<ExtractionItem> items;
    private final ExecutorService decoders;
    private final DecodeGate gate = new DecodeGate(BATCH_PIXELS);
    private final Deque<Pending> queue = new ArrayDeque<>();
    private long drawn;

    DecodeAhead(Iterator<ExtractionItem> items, ExecutorService decoders) {
      this.items = items;
      this.decoders = decoders;
    }

    void fill() {
      while (queue.size() < Math.max(decodeThreads, batch) && items.hasNext()) {
        ExtractionItem item = items.next();
        queue.add(
            new Pending(
                item, drawn, decoders.submit(gate.gated(drawn, () -> new Prepared(decode(item))))));
        drawn++;
      }
    }

    Optional<ExtractionItem> next() {
      return Optional.ofNullable(queue.peek()).map(Pending::item);
    }

    Prepared take() throws ImageDecodeException {
      Pending next = queue.remove();
      gate.await(next.number);
      Prepared prepared = DescriptorExtractor.await(next.prepared);
      gate.taken(prepared);
      return prepared;
    }
  }

  private record Described(
      Optional<Descriptor> descriptor, Optional<IllegalArgumentException> error) {}

  private List<RgbImage> decode(ExtractionItem item) throws ImageDecodeException {
    try {
      return prepare(decoder.decode(item.source()), item.box());
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      // One image that a decoder breaks on must not cost the other hundred thousand.
      throw new ImageDecodeException(item.source().name(), "unknown", "decoder failed: " + e, e);
    }
  }

  private static Prepared await(Future<Prepared> future) throws ImageDecodeException {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("extraction was interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof ImageDecodeException decode) {
        throw decode;
      }
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("decoding failed", cause);
    }
  }

  /** One bad image must not take the others of its batch with it. */
  private List<Described> describeOneByOneOnError(List<List<RgbImage>> prepared) {
    List<Described> out = new ArrayList<>();
    try {
      describe(prepared).forEach(d -> out.add(new Described(Optional.of(d), Optional.empty())));
    } catch (IllegalArgumentException batchError) {
      for (List<RgbImage> image : prepared) {
        try {
          out.add(new Described(Optional.of(describe(List.of(image)).get(0)), Optional.empty()));
        } catch (IllegalArgumentException e) {
          out.add(new Described(Optional.empty(), Optional.of(e)));
        }
      }
    }
    return out;
  }

  /** The image at each scale. */
  private List<RgbImage> prepare(RgbImage image, Optional<Box> box) {
    int longer = Math.max(image.width(), image.height());
    double factor = imageSize.map(n -> Math.min(1, (double) n / longer)).orElse(1.0);
    RgbImage part = box.map(image::crop).orElse(image);
    List<RgbImage> out = new ArrayList<>();
    for (double scale : scales) {
      out.add(factor * scale == 1 ? part : Resampler.scale(part, factor * scale));
    }
    return out;
  }

  private List<Descriptor> describe(List<List<RgbImage>> prepared) {
    requireOpen();
    List<RgbImage> all = new ArrayList<>();
    prepared.forEach(all::addAll);
    List<FeatureMap> maps = all.isEmpty() ? List.of() : backbone.extract(all);
    List<Descriptor> out = new ArrayList<>();
    for (int i = 0; i < prepared.size(); i++) {
      out.add(combine(maps.subList(i * scales.size(), (i + 1) * scales.size())));
    }
    return out;
  }

  private Descriptor combine(List<FeatureMap> maps) {
    double[] sum = null;
    for (FeatureMap map : maps) {
      Descriptor pooled = Descriptor.copyOf(pooling.pool(map), recipe);
      requireDimension(pooled, pooledDimension, "pooling", pooling.recipe());
      Descriptor one = direction(pooled, pooling.recipe());
      if (maps.size() == 1) {
        return transform(one);
      }
      if (sum == null) {
        sum = new double[one.dimension()];
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += power(one.at(i), scaleExponent);
      }
    }
    double[] total = Objects.requireNonNull(sum, "sum over scales");
    float[] mean = new float[total.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) power(total[i] / maps.size(), 1 / scaleExponent);
    }
    return transform(direction(Descriptor.copyOf(mean, recipe), "mean over scales"));
  }

  /** A power that keeps the sign, so that whitened and other signed vectors may be pooled too. */
  static double power(double value, double exponent) {
    return exponent == 1 ? value : Math.copySign(Math.pow(Math.abs(value), exponent), value);
  }

  private Descriptor transform(Descriptor descriptor) {
    Descriptor out = descriptor;
    for (Transform transform : transforms) {
      Descriptor next = transform.apply(out);
      requireDimension(next, transform.outputDimension(), "transform", transform.recipe());
      out = direction(next, transform.recipe());
    }
    return out.recipe().equals(recipe) ? out : out.withRecipe(recipe);
  }

  /** Catches a part that breaks its own promise; no image is to blame. */
  private static void requireDimension(
      Descriptor descriptor, int dimension, String kind, String step) {
    if (descriptor.dimension() != dimension) {
      throw new IllegalStateException(
          kind
              + " ["
              + step
              + "] must give dimension "
              + dimension
              + " but gave "
              + descriptor.dimension());
    }
  }

  private static Descriptor direction(Descriptor descriptor, String step) {
    if (descriptor.norm() == 0) {
      throw new IllegalArgumentException(
          "descriptor must not be the zero vector but all "
              + descriptor.dimension()
              + " values were 0 after ["
              + step
              + "]");
    }
    return descriptor.normalized();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("descriptor extractor is closed: [" + recipe + "]");
    }
  }

  /** Closes the backbone. Does nothing the second time. */
  @Override
  public void close() {
    closed = true;
    backbone.close();
  }

  @Override
  public String toString() {
    return "DescriptorExtractor[" + recipe + "]";
  }

  /** Options of an extractor. For one thread; builds any number of times. */
  public static final class Builder {
    private final Backbone backbone;
    private final Pooling pooling;
    private final ImageDecoder decoder;
    private Optional<Integer> imageSize = Optional.empty();
    private List<Double> scales = List.of(1.0);
    private double scaleExponent = 1;
    private final List<Transform> transforms = new ArrayList<>();
    private int batch = 8;
    private int decodeThreads = 1;

    private Builder(Backbone backbone, Pooling pooling, ImageDecoder decoder) {
      this.backbone = Objects.requireNonNull(backbone, "backbone");
      this.pooling = Objects.requireNonNull(pooling, "pooling");
      this.decoder = Objects.requireNonNull(decoder, "decoder");
    }

    /**
     * Shrinks larger images. Without it an image is taken as it is.
     *
     * @param longerSide pixels, at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder imageSize(int longerSide) {
      if (longerSide < 1) {
        throw new IllegalArgumentException("image size must be at least 1 but was " + longerSide);
      }
      imageSize = Optional.of(longerSide);
      return this;
    }

    /**
     * Describes an image at several scales. By default there is one scale, 1.
     *
     * @param factors each greater than 0 and at most 8, at least one
     * @return this builder
     * @throws IllegalArgumentException if there is none or one is out of range
     */
    public Builder scales(List<Double> factors) {
      if (factors.isEmpty() || !factors.stream().allMatch(s -> s > 0 && s <= 8)) {
        throw new IllegalArgumentException(
            "scales must be one or more numbers in (0, 8] but were " + factors);
      }
      scales = List.copyOf(factors);
      return this;
    }

    /**
     * Pools the scales by a generalised mean, v = (1/S Σ_s v_s^p)^(1/p) with powers that keep the
     * sign. By default p = 1, the plain mean. cnnimageretrieval-pytorch takes p of its GeM where
     * nothing but GeM follows the network, deep-image-retrieval takes 3.
     *
     * @param p greater than 0 and at most 100
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder scaleExponent(double p) {
      if (!(p > 0 && p <= 100)) {
        throw new IllegalArgumentException("scale exponent must be in (0, 100] but was " + p);
      }
      scaleExponent = p;
      return this;
    }

    /**
     * Adds a transform behind the others.
     *
     * @param transform takes the dimension that the step before it gives
     * @return this builder
     */
    public Builder transform(Transform transform) {
      transforms.add(Objects.requireNonNull(transform, "transform"));
      return this;
    }

    /**
     * Bounds how many images run at once. The vectors do not depend on it.
     *
     * @param images at least 1; 8 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder batch(int images) {
      if (images < 1) {
        throw new IllegalArgumentException("batch must be at least 1 but was " + images);
      }
      batch = images;
      return this;
    }

    /**
     * Sets how many threads decode ahead in {@link DescriptorExtractor#extractAll}.
     *
     * @param threads at least 1; 1 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder decodeThreads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("decode threads must be at least 1 but was " + threads);
      }
      decodeThreads = threads;
      return this;
    }

    /**
     * Makes the extractor.
     *
     * @return an extractor that owns the backbone
     * @throws IllegalArgumentException if the parts do not fit each other; the message shows both
     *     dimensions
     */
    public DescriptorExtractor build() {
      return new DescriptorExtractor(this);
    }
  }
}
