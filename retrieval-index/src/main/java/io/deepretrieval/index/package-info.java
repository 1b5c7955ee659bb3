// SPDX-License-Identifier: Apache-2.0
/**
 * Nearest neighbors over descriptors: the exact index, the store on disk and the exchange files
 * {@code .npy} and {@code .fvecs}.
 */
@NullMarked
package io.deepretrieval.index;

import org.jspecify.annotations.NullMarked;
