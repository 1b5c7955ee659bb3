// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One step, for Java Flight Recorder. */
@Name("io.deepretrieval.TrainingStep")
@Label("Training Step")
@Category("Deep Retrieval")
@Description("Forward, loss, backward and update of one batch")
@StackTrace(false)
final class TrainingStep extends Event {
  @Label("Epoch")
  int epoch;

  @Label("Step")
  int step;

  @Label("Images")
  int images;

  @Label("Loss")
  double loss;

  @Label("Active Tuples")
  int activeTuples;
}
