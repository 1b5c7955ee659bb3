// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.DescriptorProvider;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.index.ExactIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds near duplicates between the images of a training and of a test, whole images without query
 * boxes, by searching each of the one among the others.
 *
 * <p>A query that is in the database too is not compared with it: the protocols say what becomes of
 * it. Pairs of a query and an image that is judged for it, right or junk, are left out.
 *
 * <p>Immutable; runs any number of times.
 */
public final class LeakCheck {
  private static final int AT_ONCE = 256;
  private static final int FIRST_DEPTH = 16;

  /** Pairs of one image beyond which no more are looked for. */
  private static final int MOST = 1024;

  private final DescriptorExtractor extractor;
  private final RetrievalDataSet data;
  private final List<DataSetImage> training;
  private final float threshold;
  private final @Nullable Path cache;
  private final RunListener listener;

  private LeakCheck(Builder builder) {
    extractor = builder.extractor;
    data = builder.data;
    training = builder.training;
    threshold = builder.threshold;
    cache = builder.cache;
    listener = builder.listener;
  }

  /** What an image is there for. */
  public enum Role {
    /** It was trained on. */
    TRAIN,
    /** It is searched with and is not in the database. */
    QUERY,
    /** It is searched in. */
    DATABASE;

    private String prefix() {
      return name().toLowerCase(Locale.ROOT) + "/";
    }
  }

  /**
   * An image by what it is there for.
   *
   * @param role what it is there for
   * @param id its id among the images of that role
   */
  public record Image(Role role, String id) {
    /** Role and id with a slash between, for instance {@code query/p0}. */
    @Override
    public String toString() {
      return role.prefix() + id;
    }
  }

  /**
   * Two images that are nearly the same.
   *
   * @param score cosine of their descriptors
   * @param first a training image or a query
   * @param second what it is like
   */
  public record Pair(float score, Image first, Image second) {
    /**
     * Tells whether the pair is of two roles.
     *
     * @param from role of the first image
     * @param to role of the second image
     * @return true if both are so
     */
    public boolean joins(Role from, Role to) {
      return first.role == from && second.role == to;
    }
  }

  /**
   * Starts a check.
   *
   * @param extractor describes the images (not owned: not closed)
   * @param data queries and database of the test
   * @return a builder
   */
  public static Builder builder(DescriptorExtractor extractor, RetrievalDataSet data) {
    return new Builder(extractor, data);
  }

  /**
   * Describes and compares.
   *
   * @return pairs by falling score
   * @throws IOException if the cache cannot be read or written
   * @throws IllegalStateException if no image could be described
   */
  public List<Pair> run() throws IOException {
    Map<String, Member> all = new LinkedHashMap<>();
    data.database().forEach(image -> add(all, Role.DATABASE, image));
    Map<Image, Set<String>> judged = new HashMap<>();
    for (Query query : data.queries()) {
      DataSetImage image = query.image();
      if (data.databaseImage(image.id()).isEmpty()) {
        add(all, Role.QUERY, image);
        judged
            .computeIfAbsent(new Image(Role.QUERY, image.id()), id -> new HashSet<>())
            .addAll(judged(query));
      }
    }
    training.forEach(image -> add(all, Role.TRAIN, image));
    try (Index index = index(all)) {
      List<Pair> pairs = new ArrayList<>();
      search(index, all, Role.TRAIN, id -> !id.startsWith(Role.TRAIN.prefix()), pairs);
      List<Pair> asked = new ArrayList<>();
      search(index, all, Role.QUERY, id -> id.startsWith(Role.DATABASE.prefix()), asked);
      for (Pair pair : asked) {
        if (!judged.getOrDefault(pair.first, Set.of()).contains(pair.second.id)) {
          pairs.add(pair);
        }
      }
      pairs.sort(Comparator.comparingDouble(pair -> -pair.score));
      return pairs;
    }
  }

  private record Member(Image image, DataSetImage file) {}

  private static void add(Map<String, Member> all, Role role, DataSetImage file) {
    Image image = new Image(role, file.id());
    all.put(image.toString(), new Member(image, new DataSetImage(image.toString(), file.file())));
  }

  private static Set<String> judged(Query query) {
    Judgments judgments = query.judgments();
    Set<String> ids = new HashSet<>(judgments.good());
    ids.addAll(judgments.ok());
    ids.addAll(judgments.junk());
    return ids;
  }

  private Index index(Map<String, Member> all) throws IOException {
    DescriptorProvider provider =
        cache == null
            ? DescriptorProvider.of(extractor, () -> ExactIndex.builder(Similarity.COSINE))
            : new CachingProvider(cache, extractor);
    try {
      return provider.describe(together(all), List.of(), new EvaluationSteps(listener)).index();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** One database of everything; its query is never searched. */
  private static RetrievalDataSet together(Map<String, Member> all) {
    List<DataSetImage> images = all.values().stream().map(Member::file).toList();
    Query unasked =
        new Query(images.get(0), Optional.empty(), new Judgments(Set.of(), Set.of(), Set.of()));
    return RetrievalDataSet.of("leaks", List.of(unasked), images);
  }

  private void search(
      Index index, Map<String, Member> all, Role role, Predicate<String> among, List<Pair> pairs) {
    List<Image> images = new ArrayList<>();
    List<Descriptor> vectors = new ArrayList<>();
    for (Map.Entry<String, Member> entry : all.entrySet()) {
      Image image = entry.getValue().image;
      if (image.role == role) {
        index
            .descriptor(entry.getKey())
            .ifPresent(
                vector -> {
                  images.add(image);
                  vectors.add(vector);
                });
      }
      if (vectors.size() == AT_ONCE) {
        compare(index, all, images, vectors, among, pairs);
        images.clear();
        vectors.clear();
      }
    }
    compare(index, all, images, vectors, among, pairs);
  }

  private void compare(
      Index index,
      Map<String, Member> all,
      List<Image> images,
      List<Descriptor> vectors,
      Predicate<String> among,
      List<Pair> pairs) {
    if (vectors.isEmpty()) {
      return;
    }
    List<SearchResult> found =
        index.search(vectors, SearchRequest.top(FIRST_DEPTH).withFilter(among));
    for (int i = 0; i < images.size(); i++) {
      List<SearchHit> hits = found.get(i).hits();
      for (int depth = FIRST_DEPTH; goesOn(hits, depth) && depth < MOST; depth *= 4) {
        hits = index.search(vectors.get(i), SearchRequest.top(4 * depth).withFilter(among)).hits();
      }
      if (goesOn(hits, MOST)) {
        listener.warning(
            images.get(i) + " has more than " + MOST + " near duplicates; the best are listed");
      }
      for (SearchHit hit : hits) {
        if (hit.score() >= threshold) {
          Member member = Objects.requireNonNull(all.get(hit.id()), "member");
          pairs.add(new Pair(hit.score(), images.get(i), member.image));
        }
      }
    }
  }

  private boolean goesOn(List<SearchHit> hits, int depth) {
    return hits.size() == depth && hits.get(depth - 1).score() >= threshold;
  }

  /** Options of a check. For one thread; builds any number of times. */
  public static final class Builder {
    private static final float USUAL_THRESHOLD = 0.95f;

    private final DescriptorExtractor extractor;
    private final RetrievalDataSet data;
    private List<DataSetImage> training = List.of();
    private float threshold = USUAL_THRESHOLD;
    private @Nullable Path cache;
    private RunListener listener = RunListener.NONE;

    private Builder(DescriptorExtractor extractor, RetrievalDataSet data) {
      this.extractor = Objects.requireNonNull(extractor, "extractor");
      this.data = Objects.requireNonNull(data, "data");
    }

    /**
     * Compares training images with the test. By default only queries and database are compared.
     *
     * @param images what was trained on (copied)
     * @return this builder
     */
    public Builder training(List<DataSetImage> images) {
      training = List.copyOf(images);
      return this;
    }

    /**
     * Sets when two images are nearly the same.
     *
     * @param cosine least score of a pair, in (-1, 1]; 0.95 by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder threshold(float cosine) {
      if (!(cosine > -1 && cosine <= 1)) {
        throw new IllegalArgumentException("threshold must be in (-1, 1] but was " + cosine);
      }
      threshold = cosine;
      return this;
    }

    /**
     * Keeps the vectors, for evaluations too. By default nothing is kept.
     *
     * @param directory made if it is not there
     * @return this builder
     */
    public Builder cache(Path directory) {
      cache = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Sets who learns of progress. By default nobody does.
     *
     * @param progress called on the thread of the run
     * @return this builder
     */
    public Builder listener(RunListener progress) {
      listener = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Makes the check.
     *
     * @return an immutable check
     */
    public LeakCheck build() {
      return new LeakCheck(this);
    }
  }
}
