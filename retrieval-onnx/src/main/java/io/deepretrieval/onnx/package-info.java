// SPDX-License-Identifier: Apache-2.0
/**
 * ONNX: networks of ours as {@code .onnx} files, and {@code .onnx} files of anybody as backbones,
 * run by ONNX Runtime.
 */
@NullMarked
package io.deepretrieval.onnx;

import org.jspecify.annotations.NullMarked;
