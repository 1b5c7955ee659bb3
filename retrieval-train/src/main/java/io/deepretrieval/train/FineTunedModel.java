// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Backbone;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.Pooling;
import io.deepretrieval.Transform;
import java.util.Objects;
import java.util.Optional;

/**
 * What a training gives: the parts of a {@code DescriptorExtractor}.
 *
 * @param backbone the backbone that was trained, with its new weights; the caller that gave it to
 *     the training closes it
 * @param pooling with the parameters that were learned
 * @param projection the linear layer behind it, if there is one
 */
public record FineTunedModel(
    Backbone backbone, Pooling pooling, Optional<ProjectionHead> projection) {
  /**
   * Checks the parts.
   *
   * @param backbone the backbone that was trained
   * @param pooling with the parameters that were learned
   * @param projection the linear layer behind it, if there is one
   */
  public FineTunedModel {
    Objects.requireNonNull(backbone, "backbone");
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(projection, "projection");
  }

  /**
   * Returns the projection as the library's transform.
   *
   * @return the same layer
   */
  public Optional<Transform> transform() {
    return projection.map(head -> head);
  }

  /**
   * Starts an extractor with all parts. Closing it closes the backbone.
   *
   * @param decoder reads images
   * @return a builder, to which an image size or scales may be added
   */
  public DescriptorExtractor.Builder extractor(ImageDecoder decoder) {
    DescriptorExtractor.Builder builder = DescriptorExtractor.builder(backbone, pooling, decoder);
    projection.ifPresent(builder::transform);
    return builder;
  }
}
