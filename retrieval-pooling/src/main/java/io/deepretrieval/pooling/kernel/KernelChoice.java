// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/** Chooses the kernels of this JVM. */
final class KernelChoice {
  private KernelChoice() {}

  static Kernels choose() {
    return new ScalarKernels();
  }
}
