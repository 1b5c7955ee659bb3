// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Values and service provider interfaces of deep image retrieval.
 *
 * <p>The module depends on {@code java.base} only. Implementations are found by name with {@link
 * io.deepretrieval.spi.Providers} or constructed directly.
 */
@NullMarked
module io.deepretrieval.api {
  requires static org.jspecify;

  exports io.deepretrieval;
  exports io.deepretrieval.spi;
  exports io.deepretrieval.internal to
      io.deepretrieval.cli,
      io.deepretrieval.dl4j,
      io.deepretrieval.eval,
      io.deepretrieval.format,
      io.deepretrieval.image,
      io.deepretrieval.index,
      io.deepretrieval.onnx,
      io.deepretrieval.pooling,
      io.deepretrieval.testkit,
      io.deepretrieval.train;

  uses io.deepretrieval.spi.BackboneProvider;
  uses io.deepretrieval.spi.PoolingProvider;
  uses io.deepretrieval.spi.HeadProvider;
  uses io.deepretrieval.spi.LossProvider;
  uses io.deepretrieval.spi.IndexProvider;
  uses io.deepretrieval.spi.RerankerProvider;
}
