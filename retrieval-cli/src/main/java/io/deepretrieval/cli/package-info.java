// SPDX-License-Identifier: Apache-2.0
/** The commands of the runnable jar. Nothing here is an API. */
@NullMarked
package io.deepretrieval.cli;

import org.jspecify.annotations.NullMarked;
