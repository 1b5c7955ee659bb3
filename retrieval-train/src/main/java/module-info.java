// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * From labeled images to a fine-tuned network.
 *
 * @provides io.deepretrieval.spi.LossProvider the losses by name
 */
@NullMarked
module io.deepretrieval.train {
  requires com.google.common;
  requires static transitive org.jspecify;
  requires transitive io.deepretrieval.api;
  requires io.deepretrieval.format;
  requires io.deepretrieval.image;
  requires java.desktop;
  requires jdk.jfr;
  requires org.slf4j;

  exports io.deepretrieval.train;
  exports io.deepretrieval.train.data;
  exports io.deepretrieval.train.load;
  exports io.deepretrieval.train.loss;
  exports io.deepretrieval.train.sampler;

  provides io.deepretrieval.spi.LossProvider with
      io.deepretrieval.train.loss.NPairLossProvider,
      io.deepretrieval.train.loss.TripletLossProvider,
      io.deepretrieval.train.loss.ContrastiveLossProvider,
      io.deepretrieval.train.loss.QuantizedApLossProvider,
      io.deepretrieval.train.loss.SoftmaxLossProvider,
      io.deepretrieval.train.loss.ArcFaceLossProvider;
}
