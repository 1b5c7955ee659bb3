// SPDX-License-Identifier: Apache-2.0
/** Functional models of Keras, in HDF5 files, as backbones. */
@NullMarked
package io.deepretrieval.dl4j.keras;

import org.jspecify.annotations.NullMarked;
