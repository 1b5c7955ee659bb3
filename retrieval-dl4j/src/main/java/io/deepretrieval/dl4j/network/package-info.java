// SPDX-License-Identifier: Apache-2.0
/** The networks that are defined here: AlexNet, VGG16 and the ResNets. */
@NullMarked
package io.deepretrieval.dl4j.network;

import org.jspecify.annotations.NullMarked;
