// SPDX-License-Identifier: Apache-2.0
/**
 * Look-up of implementations by their persisted, kebab-case name through {@link
 * java.util.ServiceLoader}. Code that knows a class at compile time constructs it directly.
 */
@NullMarked
package io.deepretrieval.spi;

import org.jspecify.annotations.NullMarked;
