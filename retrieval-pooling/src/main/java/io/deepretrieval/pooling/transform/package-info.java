// SPDX-License-Identifier: Apache-2.0
/** Learned maps from descriptor to descriptor, and the trainers that fit them. */
@NullMarked
package io.deepretrieval.pooling.transform;

import org.jspecify.annotations.NullMarked;
