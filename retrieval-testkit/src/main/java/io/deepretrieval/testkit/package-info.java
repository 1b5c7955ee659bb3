// SPDX-License-Identifier: Apache-2.0
/**
 * Contract tests of the interfaces: one abstract test an interface. The test of an implementation
 * extends the contract and gives one factory. Beside them is what such tests need: seeded data,
 * plain implementations to compare with, files, small disks and other JVMs.
 */
@NullMarked
package io.deepretrieval.testkit;

import org.jspecify.annotations.NullMarked;
