// SPDX-License-Identifier: Apache-2.0
/**
 * Other programs' files, read as data: pickles, PyTorch's {@code .pth}, safetensors, HDF5, tables
 * and text; safetensors are written too. No file makes code run or memory be asked for that the
 * file does not fill.
 */
@NullMarked
package io.deepretrieval.format;

import org.jspecify.annotations.NullMarked;
