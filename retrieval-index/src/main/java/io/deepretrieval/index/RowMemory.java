// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/** Off-heap floats that rows live in: allocated, or a window of a file. */
interface RowMemory {
  /** The address of the first float. */
  FloatPointer pointer();

  /** The same floats; position 0, never moved. */
  FloatBuffer floats();

  /**
   * Checks the content, the first time only.
   *
   * @throws java.io.UncheckedIOException if a file is damaged
   */
  void requireSound();

  /** Gives the memory back. Does nothing the second time. */
  void free();
}
