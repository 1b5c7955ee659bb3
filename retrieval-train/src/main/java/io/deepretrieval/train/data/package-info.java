// SPDX-License-Identifier: Apache-2.0
/**
 * Images to train with: lists of labeled images, what is drawn from them, how they are varied and
 * how they are loaded ahead of the network.
 *
 * <p>Whatever is random depends on a seed, the epoch and the image only, never on threads, so that
 * training can be repeated and can go on where it was interrupted.
 */
@NullMarked
package io.deepretrieval.train.data;

import org.jspecify.annotations.NullMarked;
