// SPDX-License-Identifier: Apache-2.0
/** Keras models as backbones. */
@NullMarked
package io.deepretrieval.dl4j.keras;

import org.jspecify.annotations.NullMarked;
