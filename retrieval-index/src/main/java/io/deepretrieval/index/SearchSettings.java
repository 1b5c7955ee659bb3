// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;

/**
 * What all searches of one index have in common.
 *
 * @param coded whether codes of full blocks are read instead of floats where that is faster
 */
record SearchSettings(
    Similarity similarity, int dimension, WorkerPool pool, RowKernels kernels, boolean coded) {}
