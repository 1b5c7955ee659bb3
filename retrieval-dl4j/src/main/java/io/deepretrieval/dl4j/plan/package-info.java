// SPDX-License-Identifier: Apache-2.0
/**
 * What a network does, independent of an engine: the compiler from graphs, the plan that engines
 * run, and the same plan as plain operations.
 */
@NullMarked
package io.deepretrieval.dl4j.plan;

import org.jspecify.annotations.NullMarked;
