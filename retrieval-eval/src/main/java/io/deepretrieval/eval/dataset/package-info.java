// SPDX-License-Identifier: Apache-2.0
/** Readers of the data sets of the field: photos, queries and ground truth as published. */
@NullMarked
package io.deepretrieval.eval.dataset;

import org.jspecify.annotations.NullMarked;
