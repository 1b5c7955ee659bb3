// SPDX-License-Identifier: Apache-2.0
/** The JMH suite. */
@NullMarked
package io.deepretrieval.benchmarks;

import org.jspecify.annotations.NullMarked;
