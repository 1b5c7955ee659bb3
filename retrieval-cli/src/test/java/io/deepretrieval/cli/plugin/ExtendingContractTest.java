// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import io.deepretrieval.Backbone;
import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Loss;
import io.deepretrieval.Pooling;
import io.deepretrieval.Recipe;
import io.deepretrieval.Reranker;
import io.deepretrieval.RgbImage;
import io.deepretrieval.Similarity;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.NamedProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;
import io.deepretrieval.spi.RerankerProvider;
import io.deepretrieval.testkit.BackboneContract;
import io.deepretrieval.testkit.IndexBuilderContract;
import io.deepretrieval.testkit.IndexContract;
import io.deepretrieval.testkit.LossContract;
import io.deepretrieval.testkit.PoolingContract;
import io.deepretrieval.testkit.RerankerContract;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code docs/extending.md} hold the contracts that it sends their readers to. */
class ExtendingContractTest {
  @TempDir static Path temp;

  /** One of each class, compiled when it is first asked for. */
  private static final Map<String, URLClassLoader> LOADERS = new HashMap<>();

  @AfterAll
  static void close() throws IOException {
    for (URLClassLoader loader : LOADERS.values()) {
      loader.close();
    }
    LOADERS.clear();
  }

  private static synchronized <P extends NamedProvider> P provider(Class<P> service, String name) {
    try {
      URLClassLoader loader = LOADERS.get(name);
      if (loader == null) {
        Path jar = PluginJar.make(Files.createDirectories(temp.resolve(name)), service, name);
        loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        LOADERS.put(name, loader);
      }
      return service.cast(
          loader.loadClass("com.example." + name).getDeclaredConstructor().newInstance());
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  @Nested
  class OfThePooling extends PoolingContract {
    @Override
    protected Pooling pooling() {
      return provider(PoolingProvider.class, "LogMeanExpProvider").create(Options.NONE);
    }
  }

  @Nested
  class OfTheLoss extends LossContract {
    @Override
    protected Loss loss() {
      return provider(LossProvider.class, "LogisticTripletProvider")
          .create(Options.NONE, LossContext.of(6, 5));
    }
  }

  @Nested
  class OfTheReranker extends RerankerContract {
    @Override
    protected Reranker reranker() {
      return provider(RerankerProvider.class, "BestHitProvider").create(Options.NONE);
    }
  }

  @Nested
  class OfTheBackbone extends BackboneContract {
    @Override
    protected Backbone open() throws Exception {
      return provider(BackboneProvider.class, "ColorCellsProvider").create(Options.NONE);
    }

    @Override
    protected Optional<RgbImage> tooSmall() {
      return Optional.of(RgbImage.ofPacked(7, 9, new int[7 * 9]));
    }
  }

  @Nested
  class OfTheIndex extends IndexContract {
    @Override
    protected Index index(
        Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors) {
      IndexBuilder builder = lists(similarity, Map.of("dimension", String.valueOf(dimension)));
      vectors.forEach(builder::add);
      return builder.build();
    }
  }

  @Nested
  class OfTheIndexBuilder extends IndexBuilderContract {
    @Override
    protected IndexBuilder builder(Similarity similarity) {
      return lists(similarity, Map.of());
    }

    @Override
    protected IndexBuilder builder(Similarity similarity, int dimension) {
      return lists(similarity, Map.of("dimension", String.valueOf(dimension)));
    }
  }

  private static IndexBuilder lists(Similarity similarity, Map<String, String> options) {
    return provider(IndexProvider.class, "ListScanProvider")
        .create(
            Options.of(options)
                .with("similarity", similarity.name().toLowerCase(Locale.ROOT).replace('_', '-')));
  }
}
