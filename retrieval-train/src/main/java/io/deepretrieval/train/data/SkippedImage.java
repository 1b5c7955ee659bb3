// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

/**
 * An image that was left out.
 *
 * @param image its name
 * @param reason why, with the place where it was found to be so
 */
public record SkippedImage(String image, String reason) {}
