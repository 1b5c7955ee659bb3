// SPDX-License-Identifier: Apache-2.0
/** Our side of the comparisons with other libraries that {@code benchmarks/peers} runs. */
@NullMarked
package io.deepretrieval.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
