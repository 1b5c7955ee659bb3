// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final Backbone backbone;
  private final Pooling pooling;
  private final ImageDecoder decoder;
  private final Optional<Integer> imageSize;
  private final List<Double> scales;
  private final double scaleExponent;
  private final List<Transform> transforms;
  private final int batch;
  private final int decodeThreads;
  private final int dimension;
  private final Recipe recipe;
  private final MapsToDescriptor head;
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
    int pooled = pooling.dimension(backbone.spec().output().channels());
    dimension = MapsToDescriptor.dimension(pooled, transforms);
    recipe = makeRecipe();
    head = new MapsToDescriptor(pooling, pooled, scaleExponent, transforms, recipe);
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
    return new TracedDescriptor(head.combine(maps), known, maps);
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
    return new BulkExtraction(this, batch, decodeThreads).run(items, listener);
  }

  /** Reads an image and makes it ready for the network, at each scale. */
  List<RgbImage> decode(ExtractionItem item) throws ImageDecodeException {
    try {
      return prepare(decoder.decode(item.source()), item.box());
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      // One image that a decoder breaks on must not cost the other hundred thousand.
      throw new ImageDecodeException(item.source().name(), "unknown", "decoder failed: " + e, e);
    }
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

  /** Describes images that are ready, each at all scales. */
  List<Descriptor> describe(List<List<RgbImage>> prepared) {
    requireOpen();
    List<RgbImage> all = new ArrayList<>();
    prepared.forEach(all::addAll);
    List<FeatureMap> maps = all.isEmpty() ? List.of() : backbone.extract(all);
    List<Descriptor> out = new ArrayList<>();
    for (int i = 0; i < prepared.size(); i++) {
      out.add(head.combine(maps.subList(i * scales.size(), (i + 1) * scales.size())));
    }
    return out;
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
