// SPDX-License-Identifier: Apache-2.0
/**
 * Descriptors from feature maps: MAC, SPoC, GeM, R-MAC, CroW, class-weighted pooling and their kin.
 *
 * <p>Every class is immutable and thread-safe, works on the channels-last memory of {@link
 * io.deepretrieval.FeatureMap} without a copy and allocates its result only. A result is never NaN
 * or infinite: a map that would give one is refused with a message that names the channel.
 */
@NullMarked
package io.deepretrieval.pooling;

import org.jspecify.annotations.NullMarked;
