// SPDX-License-Identifier: Apache-2.0
/** The catalog of published weights, their download, and the way between files and graphs. */
@NullMarked
package io.deepretrieval.dl4j.weights;

import org.jspecify.annotations.NullMarked;
