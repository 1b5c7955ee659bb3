// SPDX-License-Identifier: Apache-2.0
/**
 * Re-ranking: query expansion, database augmentation, diffusion, top-M augmentation. Off unless
 * asked for; each re-ranker reads the vectors of no more than its first N hits. {@link
 * io.deepretrieval.pooling.rerank.DatabaseAugmentation} changes a whole database before it is
 * indexed.
 */
@NullMarked
package io.deepretrieval.pooling.rerank;

import org.jspecify.annotations.NullMarked;
