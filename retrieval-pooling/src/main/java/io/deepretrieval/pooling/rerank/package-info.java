// SPDX-License-Identifier: Apache-2.0
/**
 * Re-ranking: query expansion, database augmentation, diffusion. Off unless asked for; each looks
 * at no more than its top N hits.
 */
@NullMarked
package io.deepretrieval.pooling.rerank;

import org.jspecify.annotations.NullMarked;
