// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Backbone;
import io.deepretrieval.Batching;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.DescriptorSource;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.Pooling;
import io.deepretrieval.Recipe;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.PatchBackbone;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.Schedule;
import io.deepretrieval.train.TrainingReport;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A backbone, a pooling, a loss and an index from outside, plugged in by name. */
class PluginTest {
  @Test
  void extractsAndSearchesWithPartsFromOutside() throws Exception {
    Pooling pooling = Providers.poolings().get("corner").create(Options.NONE);
    Backbone backbone = Providers.backbones().get("patch").create(Options.NONE);
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(backbone, pooling, new ImageIoDecoder()).build()) {
      Descriptor red = extractor.extract(color(0xFF2010));
      Descriptor blue = extractor.extract(color(0x1020FF));
      IndexBuilder builder = Providers.indexes().get("listed").create(Options.NONE);
      try (Index index = builder.add("red", red).add("blue", blue).build()) {
        SearchResult found = index.search(extractor.extract(color(0x2040EE)), SearchRequest.top(2));
        assertThat(found.hits()).extracting(SearchHit::id).containsExactly("blue", "red");
        assertThat(index.recipe().toString()).contains("backbone=patch", "pooling=corner");
      }
    }
    LossResult loss =
        Providers.losses()
            .get("shrink")
            .create(Options.NONE, LossContext.of(1, 2))
            .evaluate(EmbeddingBatch.copyOf(2, new double[] {3, 4}, new int[] {0}));
    assertThat(loss.value()).isEqualTo(12.5);
    assertThat(loss.gradient()).containsExactly(3, 4);
  }

  @Test
  void fineTunesWithALossFromOutside() throws Exception {
    LabeledImages images =
        LabeledImages.builder()
            .add(ImageSource.of("red", new byte[] {1}), "warm")
            .add(ImageSource.of("blue", new byte[] {0}), "cold")
            .build();
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get("resnet18")
            .createTrainable(Options.of(Map.of("seed", "1", "layer", "layer1")))) {
      TrainingReport report =
          FineTuner.builder(
                  backbone,
                  SpocPooling.mean(),
                  Providers.losses().get("shrink").create(Options.NONE, LossContext.of(2, 64)))
              .images(
                  images,
                  epoch -> List.of(new int[] {0, 1}),
                  source -> color(source.name().equals("red") ? 0xFF2010 : 0x1020FF))
              .augmentation(Augmentation.builder().build())
              .optimizer(Optimizer.sgd(0), 1e-3, Schedule.constant())
              .epochs(6)
              .build()
              .fit();
      assertThat(report.epochs().get(5).loss()).isLessThan(0.9 * report.epochs().get(0).loss());
      assertThat(report.recipe()).contains("loss=shrink");
    }
  }

  private static RgbImage color(int rgb) {
    int[] pixels = new int[32 * 32];
    Arrays.fill(pixels, rgb);
    return RgbImage.ofPacked(32, 32, pixels);
  }

  /** Mean colors of patches. */
  public static final class Patch implements BackboneProvider {
    @Override
    public String name() {
      return "patch";
    }

    @Override
    public Backbone create(Options options) {
      return PatchBackbone.of(6, 5);
    }
  }

  /** The cell in the upper left corner. */
  public static final class Corner implements PoolingProvider, Pooling {
    @Override
    public String name() {
      return "corner";
    }

    @Override
    public Pooling create(Options options) {
      return this;
    }

    @Override
    public String recipe() {
      return "corner";
    }

    @Override
    public int dimension(int channels) {
      return channels;
    }

    @Override
    public float[] pool(FeatureMap map) {
      float[] out = new float[map.channels()];
      for (int c = 0; c < out.length; c++) {
        out[c] = map.at(c, 0, 0);
      }
      return out;
    }
  }

  /** Half of the squared length. */
  public static final class Shrink implements LossProvider, Loss {
    @Override
    public String name() {
      return "shrink";
    }

    @Override
    public Loss create(Options options, LossContext context) {
      return this;
    }

    @Override
    public String recipe() {
      return "shrink";
    }

    @Override
    public boolean wantsUnitLength() {
      return false;
    }

    @Override
    public Batching batching() {
      return Batching.shuffled();
    }

    @Override
    public LossResult evaluate(EmbeddingBatch batch) {
      double[] x = batch.toArray();
      double sum = 0;
      for (double v : x) {
        sum += v * v / 2;
      }
      return LossResult.copyOf(sum, batch.dimension(), x, batch.size());
    }
  }

  /** A map of vectors. */
  public static final class Listed implements IndexProvider {
    @Override
    public String name() {
      return "listed";
    }

    @Override
    public IndexBuilder create(Options options) {
      Map<String, Descriptor> rows = new LinkedHashMap<>();
      return new IndexBuilder() {
        @Override
        public IndexBuilder add(String id, Descriptor descriptor) {
          rows.put(id, descriptor);
          return this;
        }

        @Override
        public Index build() {
          Descriptor first = rows.values().iterator().next();
          return new ListIndex(rows, first.dimension(), first.recipe());
        }
      };
    }
  }

  private record ListIndex(Map<String, Descriptor> rows, int dimension, Recipe recipe)
      implements Index, DescriptorSource {
    @Override
    public long size() {
      return rows.size();
    }

    @Override
    public Similarity similarity() {
      return Similarity.INNER_PRODUCT;
    }

    @Override
    public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
      return queries.stream()
          .map(
              q ->
                  new SearchResult(
                      rows.entrySet().stream()
                          .map(e -> new SearchHit(e.getKey(), (float) q.dot(e.getValue())))
                          .sorted(Comparator.comparingDouble(h -> -h.score()))
                          .limit(request.k())
                          .toList(),
                      rows.size()))
          .toList();
    }

    @Override
    public Optional<Descriptor> descriptor(String id) {
      return Optional.ofNullable(rows.get(id));
    }

    @Override
    public void close() {}
  }
}
