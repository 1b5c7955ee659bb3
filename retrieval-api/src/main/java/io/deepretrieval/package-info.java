// SPDX-License-Identifier: Apache-2.0
/**
 * The values of deep image retrieval ({@link io.deepretrieval.RgbImage}, {@link
 * io.deepretrieval.FeatureMap}, {@link io.deepretrieval.Descriptor}, {@link
 * io.deepretrieval.EmbeddingBatch}, …), the interfaces that a plug-in implements ({@link
 * io.deepretrieval.Backbone}, {@link io.deepretrieval.Pooling}, {@link io.deepretrieval.Loss},
 * {@link io.deepretrieval.Index}, …) and the class that composes them, {@link
 * io.deepretrieval.DescriptorExtractor}.
 *
 * <p>All values are immutable. Arrays are row-major; {@code [N,D]} is N rows of D numbers.
 */
@NullMarked
package io.deepretrieval;

import org.jspecify.annotations.NullMarked;
