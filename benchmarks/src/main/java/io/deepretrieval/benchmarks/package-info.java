// SPDX-License-Identifier: Apache-2.0
/** The runnable jar: {@link io.deepretrieval.benchmarks.Main} starts the command line. */
@NullMarked
package io.deepretrieval.benchmarks;

import org.jspecify.annotations.NullMarked;
