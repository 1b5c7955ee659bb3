// SPDX-License-Identifier: Apache-2.0
/**
 * What runs a network: oneDNN a plan, forward and backward, and Deeplearning4j its graph where
 * oneDNN cannot.
 */
@NullMarked
package io.deepretrieval.dl4j.engine;

import org.jspecify.annotations.NullMarked;
