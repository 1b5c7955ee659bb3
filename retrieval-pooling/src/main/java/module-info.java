// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Poolings, transforms and re-ranking.
 *
 * <p>Inner loops use {@code jdk.incubator.vector} if the JVM was started with it ({@code
 * --add-modules jdk.incubator.vector}); the module is not required. PCA and whitening are fitted by
 * OpenBLAS, whose native part is a module named by platform, for instance {@code
 * org.bytedeco.openblas.linux.x86_64}; an application on the module path adds it as a root. Nothing
 * else needs it.
 *
 * @provides io.deepretrieval.spi.PoolingProvider the poolings by name
 * @provides io.deepretrieval.spi.HeadProvider poolings and transforms of checkpoints
 * @provides io.deepretrieval.spi.RerankerProvider the re-rankers by name
 */
@NullMarked
module io.deepretrieval.pooling {
  requires static org.jspecify;
  requires transitive io.deepretrieval.api;
  requires com.google.common;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;

  exports io.deepretrieval.pooling;
  exports io.deepretrieval.pooling.rerank;
  exports io.deepretrieval.pooling.transform;

  provides io.deepretrieval.spi.PoolingProvider with
      io.deepretrieval.pooling.MacPoolingProvider,
      io.deepretrieval.pooling.SpocPoolingProvider,
      io.deepretrieval.pooling.GemPoolingProvider,
      io.deepretrieval.pooling.GemMpPoolingProvider,
      io.deepretrieval.pooling.RmacPoolingProvider,
      io.deepretrieval.pooling.CrowPoolingProvider,
      io.deepretrieval.pooling.CamPoolingProvider,
      io.deepretrieval.pooling.NeuralCodesPoolingProvider;
  provides io.deepretrieval.spi.HeadProvider with
      io.deepretrieval.pooling.StandardHeadProvider;
  provides io.deepretrieval.spi.RerankerProvider with
      io.deepretrieval.pooling.rerank.AverageQueryExpansionProvider,
      io.deepretrieval.pooling.rerank.AlphaQueryExpansionProvider,
      io.deepretrieval.pooling.rerank.DatabaseAugmentationProvider,
      io.deepretrieval.pooling.rerank.DiffusionProvider,
      io.deepretrieval.pooling.rerank.TopMAugmentationProvider;
}
