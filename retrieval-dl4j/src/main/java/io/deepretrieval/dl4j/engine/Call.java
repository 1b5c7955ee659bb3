// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import org.bytedeco.dnnl.stream;

/** One piece of a program's work. */
interface Call {
  /** Works on what lies in the slab; oneDNN may be done only when the stream is. */
  void run(Slab slab, stream stream);
}
