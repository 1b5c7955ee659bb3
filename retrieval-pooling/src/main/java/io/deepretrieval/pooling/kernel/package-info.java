// SPDX-License-Identifier: Apache-2.0
/**
 * Inner loops over channels-last memory, in plain Java and, where the JVM offers it, with the
 * Vector API. Not exported: for the other packages of this module only.
 */
@NullMarked
package io.deepretrieval.pooling.kernel;

import org.jspecify.annotations.NullMarked;
