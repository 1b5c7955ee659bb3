// SPDX-License-Identifier: Apache-2.0
/**
 * Fine-tuning: labeled images and a trainable backbone in, a network, a pooling and a projection
 * out.
 */
@NullMarked
package io.deepretrieval.train;

import org.jspecify.annotations.NullMarked;
