// SPDX-License-Identifier: Apache-2.0
/**
 * The networks that are defined here, AlexNet, VGG16 and the ResNets, and what files of weights
 * call their layers.
 */
@NullMarked
package io.deepretrieval.dl4j.network;

import org.jspecify.annotations.NullMarked;
