// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.LossResult;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.train.EmbeddingHead.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Forward, loss and backward of a batch, which adds to the gradients of all that is trained. */
final class BatchGradient {
  /** What a batch gave. */
  @SuppressWarnings("ArrayRecordComponent") // package-private, never shared
  record Result(LossResult loss, float[][] embeddings) {}

  private final TrainableBackbone backbone;
  private final EmbeddingHead head;
  private final Function<EmbeddingBatch, LossResult> loss;
  private final NonFiniteGuard guard;
  private final int imagesPerPass;

  BatchGradient(
      TrainableBackbone backbone,
      EmbeddingHead head,
      Function<EmbeddingBatch, LossResult> loss,
      NonFiniteGuard guard,
      int imagesPerPass) {
    this.backbone = backbone;
    this.head = head;
    this.loss = loss;
    this.guard = guard;
    this.imagesPerPass = imagesPerPass;
  }

  /** Adds the gradient of a batch; nothing if the batch is left out for it is not finite. */
  Optional<Result> add(List<TrainingItem> batch) {
    List<List<TrainingItem>> parts = parts(batch);
    Map<Integer, Integer> positions = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      positions.put(batch.get(i).row(), i);
    }
    Map<Integer, Trace> traces = new HashMap<>();
    float[][] embeddings = new float[batch.size()][];
    // A batch that fits into the network at once runs forward only once.
    boolean whole = parts.size() == 1;
    for (List<TrainingItem> part : parts) {
      List<FeatureMap> maps =
          whole ? TrainingItem.forward(backbone, part) : TrainingItem.extract(backbone, part);
      for (int i = 0; i < part.size(); i++) {
        if (!NonFiniteGuard.isFinite(maps.get(i).sharedValues())) {
          leaveOut(part, "the map of an image was not finite");
          return Optional.empty();
        }
        Trace trace = head.forward(maps.get(i));
        int position = position(positions, part.get(i));
        embeddings[position] = trace.out();
        if (whole) {
          traces.put(position, trace);
        }
      }
    }
    int d = embeddings[0].length;
    float[] values = new float[batch.size() * d];
    int[] labels = new int[batch.size()];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(embeddings[i], 0, values, i * d, d);
      labels[i] = batch.get(i).label();
    }
    if (!NonFiniteGuard.isFinite(values)) {
      leaveOut(batch, "an embedding was not finite");
      return Optional.empty();
    }
    LossResult result = loss.apply(EmbeddingBatch.copyOf(d, values, labels));
    double[] gradient = result.gradient();
    for (List<TrainingItem> part : parts) {
      List<FeatureMap> maps = whole ? List.of() : TrainingItem.forward(backbone, part);
      List<FeatureMap> back = new ArrayList<>();
      for (int i = 0; i < part.size(); i++) {
        int position = position(positions, part.get(i));
        Trace trace =
            whole ? Objects.requireNonNull(traces.get(position)) : head.forward(maps.get(i));
        back.add(
            head.backward(trace, Arrays.copyOfRange(gradient, position * d, (position + 1) * d)));
      }
      backbone.backward(back);
    }
    guard.pass();
    return Optional.of(new Result(result, embeddings));
  }

  private static int position(Map<Integer, Integer> positions, TrainingItem item) {
    return Objects.requireNonNull(positions.get(item.row()));
  }

  private void leaveOut(List<TrainingItem> items, String what) {
    guard.leaveOut(items.stream().map(TrainingItem::image).toList(), what);
  }

  /** Images of one size, no more than may be in the network at once. */
  private List<List<TrainingItem>> parts(List<TrainingItem> batch) {
    Map<List<Integer>, List<TrainingItem>> bySize = new LinkedHashMap<>();
    for (TrainingItem item : batch) {
      bySize.computeIfAbsent(item.size(), size -> new ArrayList<>()).add(item);
    }
    List<List<TrainingItem>> parts = new ArrayList<>();
    for (List<TrainingItem> same : bySize.values()) {
      for (int from = 0; from < same.size(); from += Math.min(imagesPerPass, same.size())) {
        parts.add(same.subList(from, (int) Math.min(same.size(), (long) from + imagesPerPass)));
      }
    }
    return parts;
  }
}
