// SPDX-License-Identifier: Apache-2.0
/** The catalog of published weights, their download, and their names. */
@NullMarked
package io.deepretrieval.dl4j.weights;

import org.jspecify.annotations.NullMarked;
