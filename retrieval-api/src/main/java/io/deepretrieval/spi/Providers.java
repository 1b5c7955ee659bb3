// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The providers of one kind that are on the class path or module path, by name.
 *
 * <p>Loading happens when this object is made, not at class load, and nothing is cached in static
 * state. Immutable and thread-safe.
 *
 * @param <P> the kind of provider
 */
public final class Providers<P extends NamedProvider> {
  private final String kind;
  private final SortedMap<String, P> byName;

  private Providers(String kind, SortedMap<String, P> byName) {
    this.kind = kind;
    this.byName = byName;
  }

  /**
   * Finds all backbones.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<BackboneProvider> backbones() {
    return of("backbone", ServiceLoader.load(BackboneProvider.class));
  }

  /**
   * Finds all poolings.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<PoolingProvider> poolings() {
    return of("pooling", ServiceLoader.load(PoolingProvider.class));
  }

  /**
   * Finds all makers of what follows a network in a checkpoint.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<HeadProvider> heads() {
    return of("head", ServiceLoader.load(HeadProvider.class));
  }

  /**
   * Finds all losses.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<LossProvider> losses() {
    return of("loss", ServiceLoader.load(LossProvider.class));
  }

  /**
   * Finds all kinds of index.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<IndexProvider> indexes() {
    return of("index", ServiceLoader.load(IndexProvider.class));
  }

  /**
   * Finds all re-rankers.
   *
   * @return the providers seen by the context class loader
   * @throws IllegalStateException if two have one name
   */
  public static Providers<RerankerProvider> rerankers() {
    return of("re-ranker", ServiceLoader.load(RerankerProvider.class));
  }

  /**
   * Makes a look-up over given providers, for instance of another class loader.
   *
   * @param kind what they provide, for messages
   * @param providers all of them
   * @param <P> the kind of provider
   * @return the look-up
   * @throws IllegalStateException if two have one name, or one cannot be loaded
   * @throws IllegalArgumentException if a name is not kebab-case
   */
  public static <P extends NamedProvider> Providers<P> of(
      String kind, Iterable<? extends P> providers) {
    SortedMap<String, P> byName = new TreeMap<>();
    for (P provider : loaded(kind, providers)) {
      String name = provider.name();
      if (name == null || !name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
        throw new IllegalArgumentException(
            kind
                + " name must be lower-case kebab-case but was '"
                + name
                + "' ("
                + provider.getClass().getName()
                + ")");
      }
      P earlier = byName.putIfAbsent(name, provider);
      if (earlier != null) {
        throw new IllegalStateException(
            kind
                + " '"
                + name
                + "' must be provided once but is provided by "
                + earlier.getClass().getName()
                + " and "
                + provider.getClass().getName());
      }
    }
    return new Providers<>(kind, Collections.unmodifiableSortedMap(byName));
  }

  private static <P> List<P> loaded(String kind, Iterable<? extends P> providers) {
    List<P> all = new ArrayList<>();
    try {
      providers.forEach(all::add);
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "each "
              + kind
              + " on the class path must be loadable but: "
              + e.getMessage()
              + (e.getCause() == null ? "" : ": " + e.getCause()),
          e);
    }
    return all;
  }

  /**
   * Returns all names, sorted.
   *
   * @return an unmodifiable set
   */
  public Set<String> names() {
    return byName.keySet();
  }

  /**
   * Finds a provider.
   *
   * @param name its name
   * @return the provider
   * @throws IllegalArgumentException if there is none of that name; the message lists the known
   *     names
   */
  public P get(String name) {
    P provider = byName.get(name);
    if (provider == null) {
      throw new IllegalArgumentException(
          "unknown "
              + kind
              + " '"
              + name
              + "'; "
              + (byName.isEmpty()
                  ? "none is on the class path: add the module that has it"
                  : "known: " + String.join(", ", byName.keySet())));
    }
    return provider;
  }
}
