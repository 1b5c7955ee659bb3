// SPDX-License-Identifier: Apache-2.0

/**
 * What the modules of this library share and nobody else should use: it may change at any time.
 *
 * <p>{@link io.deepretrieval.internal.AtomicFiles} and {@link io.deepretrieval.internal.AtomicFile}
 * write every file, {@link io.deepretrieval.internal.ImageWalker} finds the images below a
 * directory, {@link io.deepretrieval.internal.Sha256} hashes.
 */
@NullMarked
package io.deepretrieval.internal;

import org.jspecify.annotations.NullMarked;
