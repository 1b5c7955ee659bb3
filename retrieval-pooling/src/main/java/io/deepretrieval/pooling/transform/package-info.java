// SPDX-License-Identifier: Apache-2.0
/**
 * Maps from descriptor to descriptor: PCA, whitening, learned whitening and the cut of dimensions;
 * and the trainers that fit the learned ones.
 */
@NullMarked
package io.deepretrieval.pooling.transform;

import org.jspecify.annotations.NullMarked;
