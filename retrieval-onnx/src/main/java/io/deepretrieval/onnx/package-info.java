// SPDX-License-Identifier: Apache-2.0
/**
 * ONNX: networks of Deeplearning4j as {@code .onnx} files, and {@code .onnx} files of any program
 * as backbones, run by ONNX Runtime.
 */
@NullMarked
package io.deepretrieval.onnx;

import org.jspecify.annotations.NullMarked;
