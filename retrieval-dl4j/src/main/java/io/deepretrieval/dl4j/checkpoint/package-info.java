// SPDX-License-Identifier: Apache-2.0
/** Checkpoints of retrieval networks, opened as whole extractors. */
@NullMarked
package io.deepretrieval.dl4j.checkpoint;

import org.jspecify.annotations.NullMarked;
