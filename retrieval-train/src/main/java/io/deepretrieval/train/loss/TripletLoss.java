// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import java.util.Objects;

/**
 * The triplet loss: max(0, m + d(a,p) - d(a,n)) with margin m, or, with the soft margin, log(1 +
 * exp(d(a,p) - d(a,n))), over triplets of an anchor a, a positive p and a negative n.
 *
 * <p>Without other word d is the squared Euclidean distance, m is 0.1, every triplet of the batch
 * is taken and their losses are averaged. A batch without a triplet gives 0. Active tuples are the
 * triplets whose loss is not 0. Cost: the selection, and N²D at most. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1503.03832">F. Schroff et al., FaceNet: a unified embedding
 *     for face recognition and clustering, CVPR 2015</a>
 */
public final class TripletLoss implements Loss {
  private final Distance distance;
  private final TripletMiner selection;
  private final Reduction reduction;
  private final boolean soft;
  private final double margin;

  private TripletLoss(Builder builder) {
    distance = builder.distance;
    selection = builder.selection;
    reduction = builder.reduction;
    soft = builder.soft;
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
    return "triplet "
        + (soft ? "soft-margin" : "margin=" + margin)
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
        (a, p, n) -> {
          double difference = distances.between(a, p) - distances.between(a, n);
          double loss = soft ? softplus(difference) : Math.max(0, margin + difference);
          double slope = soft ? sigmoid(difference) : loss > 0 ? 1 : 0;
          distances.addUpstream(a, p, slope);
          distances.addUpstream(a, n, -slope);
          sum.add(loss);
        });
    double factor = sum.factor(reduction);
    return LossResult.copyOf(
        factor * sum.total(), batch.dimension(), distances.gradient(factor), sum.active());
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
  }

  @Override
  public Batching batching() {
    return selection.batching();
  }

  @Override
  public String toString() {
    return recipe();
  }

  /** Options of a triplet loss. For one thread. */
  public static final class Builder {
    private Distance distance = Distance.SQUARED_EUCLIDEAN;
    private TripletMiner selection = TripletMiner.all();
    private Reduction reduction = Reduction.MEAN;
    private boolean soft;
    // Gordo et al., End-to-end learning of deep visual representations for image retrieval, 2017.
    private double margin = 0.1;

    private Builder() {}

    /**
     * Sets how far a negative must be behind a positive.
     *
     * @param margin at least 0; in units of the distance
     * @return this builder
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Builder margin(double margin) {
      if (!(margin >= 0) || Double.isInfinite(margin)) {
        throw new IllegalArgumentException("triplet margin must be >= 0 but was " + margin);
      }
      this.margin = margin;
      soft = false;
      return this;
    }

    /**
     * Takes the soft margin instead of a fixed one.
     *
     * @return this builder
     */
    public Builder softMargin() {
      soft = true;
      return this;
    }

    /**
     * Sets how rows are compared.
     *
     * @param distance squared Euclidean by default
     * @return this builder
     */
    public Builder distance(Distance distance) {
      this.distance = Objects.requireNonNull(distance, "distance");
      return this;
    }

    /**
     * Sets which triplets are looked at.
     *
     * @param selection all by default
     * @return this builder
     */
    public Builder selection(TripletMiner selection) {
      this.selection = Objects.requireNonNull(selection, "selection");
      return this;
    }

    /**
     * Sets how the triplets become one number.
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
    public TripletLoss build() {
      return new TripletLoss(this);
    }
  }
}
