// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints of cnnimageretrieval-pytorch and deep-image-retrieval, opened as whole extractors:
 * network, pooling, projection and whitenings.
 */
@NullMarked
package io.deepretrieval.dl4j.checkpoint;

import org.jspecify.annotations.NullMarked;
