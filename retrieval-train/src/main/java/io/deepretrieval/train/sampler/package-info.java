// SPDX-License-Identifier: Apache-2.0
/** Which images a batch holds: classes, tuples, and hard negatives mined from descriptors. */
@NullMarked
package io.deepretrieval.train.sampler;

import org.jspecify.annotations.NullMarked;
