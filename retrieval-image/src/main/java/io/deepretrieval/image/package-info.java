// SPDX-License-Identifier: Apache-2.0
/**
 * Reading of image files. {@link io.deepretrieval.image.ImageIoDecoder} knows the file formats,
 * checks a file's structure before it decodes a pixel, and turns whatever colors the file has into
 * upright 8-bit sRGB. {@link io.deepretrieval.image.ImageHead} tells format and size without
 * decoding.
 */
@NullMarked
package io.deepretrieval.image;

import org.jspecify.annotations.NullMarked;
