// SPDX-License-Identifier: Apache-2.0
/** Images of a batch, decoded and varied ahead of the training. */
@NullMarked
package io.deepretrieval.train.load;

import org.jspecify.annotations.NullMarked;
