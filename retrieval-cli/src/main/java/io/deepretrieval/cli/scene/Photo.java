// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import io.deepretrieval.Box;
import java.awt.image.BufferedImage;

/**
 * An image and what is known of it.
 *
 * @param image RGB pixels before compression
 * @param box around the visible part of the building
 * @param visible part of the building that is inside the frame and not hidden, in [0, 1]
 * @param jpegQuality how well it is to be stored, in (0, 1)
 */
record Photo(BufferedImage image, Box box, double visible, float jpegQuality) {}
