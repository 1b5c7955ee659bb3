// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.io.IOException;
import java.util.List;

/** The batches of an epoch, one after the other. */
interface BatchFeed extends AutoCloseable {
  /** Takes the next batch, without groups that lack an image. */
  List<TrainingItem> next() throws IOException;

  @Override
  void close();
}
