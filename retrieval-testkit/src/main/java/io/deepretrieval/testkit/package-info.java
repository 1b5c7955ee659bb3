// SPDX-License-Identifier: Apache-2.0
/**
 * Contract tests of the interfaces and what they need: one abstract test an interface. An
 * implementation extends the contract, gives one factory and runs it.
 */
@NullMarked
package io.deepretrieval.testkit;

import org.jspecify.annotations.NullMarked;
