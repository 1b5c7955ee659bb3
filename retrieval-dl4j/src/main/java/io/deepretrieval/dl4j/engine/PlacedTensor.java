// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import org.bytedeco.dnnl.memory;

/**
 * Values in a buffer.
 *
 * @param desc their shape and layout
 * @param buffer a buffer of {@link ProgramMemory}
 */
record PlacedTensor(memory.desc desc, int buffer) {
  boolean sharesBuffer(PlacedTensor other) {
    return buffer == other.buffer;
  }
}
