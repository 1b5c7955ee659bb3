// SPDX-License-Identifier: Apache-2.0
/**
 * Landmark photos drawn by the program: buildings in three dimensions with painted façades, seen
 * from many places in many lights, with people, trees and cars in front of them. {@link
 * io.deepretrieval.cli.scene.SceneGenerator} writes a whole data set in the layout of Oxford 5k,
 * the same one for the same seed.
 */
@NullMarked
package io.deepretrieval.cli.scene;

import org.jspecify.annotations.NullMarked;
