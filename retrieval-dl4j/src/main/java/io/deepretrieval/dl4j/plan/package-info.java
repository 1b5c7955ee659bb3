// SPDX-License-Identifier: Apache-2.0
/** What a network does, independent of an engine: the compiler from graphs, and the plan. */
@NullMarked
package io.deepretrieval.dl4j.plan;

import org.jspecify.annotations.NullMarked;
