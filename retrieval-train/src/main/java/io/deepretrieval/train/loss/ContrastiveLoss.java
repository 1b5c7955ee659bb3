// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import java.util.Objects;

/**
 * The contrastive loss: ½d² for a pair of one class, ½ max(0, m - d)² for a pair of two, with
 * margin m.
 *
 * <p>Without other word d is the Euclidean distance, m is 0.85, every pair of the batch is taken
 * and their losses are averaged. A batch of one row gives 0; a batch of one class is still pulled
 * together. Active tuples are the pairs whose loss is not 0. Cost: N²D at most. Immutable and
 * thread-safe.
 *
 * <p>The recipe of retrieval-SfM is {@code distance(Distance.euclidean(1e-6))}, {@code
 * selection(PairMiner.tuples(7))}, {@code reduction(Reduction.SUM)}.
 *
 * @see <a href="https://arxiv.org/abs/1711.02512">F. Radenović et al., Fine-tuning CNN image
 *     retrieval with no human annotation, TPAMI 2018</a>
 */
public final class ContrastiveLoss implements Loss {
  private final Distance distance;
  private final PairMiner selection;
  private final Reduction reduction;
  private final double margin;

  private ContrastiveLoss(Builder builder) {
    distance = builder.distance;
    selection = builder.selection;
    reduction = builder.reduction;
    margin = builder.margin;
  }

  /**
   * Starts a loss.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String recipe() {
    return "contrastive margin="
        + margin
        + " "
        + distance.recipe()
        + " "
        + selection.recipe()
        + " "
        + reduction.kebab();
  }

  @Override
  public LossResult evaluate(EmbeddingBatch batch) {
    BatchDistances distances = new BatchDistances(batch, distance);
    Sum sum = new Sum();
    selection.select(
        distances,
        (a, b) -> {
          double d = distances.between(a, b);
          boolean same = distances.label(a) == distances.label(b);
          double slope = same ? d : Math.min(0, d - margin);
          distances.addUpstream(a, b, slope);
          sum.add(0.5 * slope * slope);
        });
    double factor = sum.factor(reduction);
    return LossResult.copyOf(
        factor * sum.total(), batch.dimension(), distances.gradient(factor), sum.active());
  }

  @Override
  public Batching batching() {
    return selection.batching();
  }

  @Override
  public String toString() {
    return recipe();
  }

  /** Options of a contrastive loss. For one thread. */
  public static final class Builder {
    private Distance distance = Distance.EUCLIDEAN;
    private PairMiner selection = PairMiner.all();
    private Reduction reduction = Reduction.MEAN;
    // Radenović et al. 2018: 0.85 for ResNet101; 0.7 for AlexNet, 0.75 for VGG16.
    private double margin = 0.85;

    private Builder() {}

    /**
     * Sets how far apart two classes must be.
     *
     * @param margin greater than 0; in units of the distance
     * @return this builder
     * @throws IllegalArgumentException if it is not a positive number
     */
    public Builder margin(double margin) {
      if (!(margin > 0) || Double.isInfinite(margin)) {
        throw new IllegalArgumentException("contrastive margin must be > 0 but was " + margin);
      }
      this.margin = margin;
      return this;
    }

    /**
     * Sets how rows are compared.
     *
     * @param distance Euclidean by default
     * @return this builder
     */
    public Builder distance(Distance distance) {
      this.distance = Objects.requireNonNull(distance, "distance");
      return this;
    }

    /**
     * Sets which pairs are looked at.
     *
     * @param selection all by default
     * @return this builder
     */
    public Builder selection(PairMiner selection) {
      this.selection = Objects.requireNonNull(selection, "selection");
      return this;
    }

    /**
     * Sets how the pairs become one number.
     *
     * @param reduction mean by default
     * @return this builder
     */
    public Builder reduction(Reduction reduction) {
      this.reduction = Objects.requireNonNull(reduction, "reduction");
      return this;
    }

    /**
     * Makes the loss.
     *
     * @return a loss
     */
    public ContrastiveLoss build() {
      return new ContrastiveLoss(this);
    }
  }
}
