// SPDX-License-Identifier: Apache-2.0
/**
 * Other programs' files, read as data: pickles, PyTorch's {@code .pth}, safetensors and HDF5. No
 * file makes code run or memory be asked for that the file does not fill.
 */
@NullMarked
package io.deepretrieval.format;

import org.jspecify.annotations.NullMarked;
