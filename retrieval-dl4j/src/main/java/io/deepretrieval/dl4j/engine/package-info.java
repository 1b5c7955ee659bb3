// SPDX-License-Identifier: Apache-2.0
/** Plans run: by oneDNN, forward and backward, and by ND4J. */
@NullMarked
package io.deepretrieval.dl4j.engine;

import org.jspecify.annotations.NullMarked;
