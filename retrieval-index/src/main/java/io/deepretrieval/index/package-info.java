// SPDX-License-Identifier: Apache-2.0
/**
 * Nearest neighbors over descriptors: the exact index, the graph index, the store on disk with its
 * readers, the exchange files {@code .npy} and {@code .fvecs}, groups of near-duplicates, and
 * calibration of scores.
 */
@NullMarked
package io.deepretrieval.index;

import org.jspecify.annotations.NullMarked;
