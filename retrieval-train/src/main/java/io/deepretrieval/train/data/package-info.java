// SPDX-License-Identifier: Apache-2.0
/**
 * Images to train with: lists of labeled images and databases of structure from motion, a report of
 * what is wrong with them, and the seeds of everything random.
 *
 * <p>Whatever is random in a training depends on a seed, the epoch and the image only, never on
 * threads, so that training can be repeated and can go on where it was interrupted.
 */
@NullMarked
package io.deepretrieval.train.data;

import org.jspecify.annotations.NullMarked;
