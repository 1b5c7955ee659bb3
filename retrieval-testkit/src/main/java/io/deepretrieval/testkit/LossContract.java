// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Loss} must hold. */
public abstract class LossContract {
  /** Central differences in double with a step of 1e-6 leave 1e-9 of the largest value. */
  private static final double GRADIENT_TOLERANCE = 1e-6;

  /** Sums in another order differ in the last digits only. */
  private static final double ORDER_TOLERANCE = 1e-10;

  /** For subclasses. */
  protected LossContract() {}

  /**
   * Makes the loss under test.
   *
   * @return a loss with the same parameters at each call
   */
  protected abstract Loss loss();

  /**
   * Returns the classes of the rows of a good batch, in the order that the loss needs.
   *
   * @return twelve rows, two of a class beside each other, unless overridden
   */
  protected int[] labels() {
    return new int[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
  }

  /**
   * Draws a good batch, on which the loss is smooth and not zero.
   *
   * @param random where the numbers come from
   * @return a batch with {@link #labels}
   */
  protected EmbeddingBatch batch(Randoms random) {
    return random.batch(5, labels());
  }

  /**
   * Draws an order of the rows that changes nothing.
   *
   * @param rows N
   * @param random where the numbers come from
   * @return any order unless overridden: row i of the new batch is row {@code order[i]} of the old
   */
  protected int[] order(int rows, Randoms random) {
    return random.permutation(rows);
  }

  /**
   * Draws a batch of one class.
   *
   * @param random where the numbers come from
   * @return eight rows of class 7 unless overridden
   */
  protected EmbeddingBatch oneClass(Randoms random) {
    return random.batch(5, 7, 7, 7, 7, 7, 7, 7, 7);
  }

  /**
   * Checks the result of a batch whose rows have one class: 0 and a zero gradient, because nothing
   * is to be told apart, unless overridden.
   *
   * @param batch what {@link #oneClass} gave
   * @param result what the loss gave
   */
  protected void assertOneClass(EmbeddingBatch batch, LossResult result) {
    assertThat(result.value()).isZero();
    assertThat(result.gradient()).containsOnly(0.0);
    assertThat(result.activeTuples()).isZero();
  }

  @Test
  void recipeIsOnePlainLine() {
    assertThat(loss().recipe()).isNotBlank().doesNotContain("\n", "\r", ";");
    assertThat(loss().recipe()).isEqualTo(loss().recipe()).isEqualTo(loss().recipe().strip());
  }

  @Test
  void saysTheSameOfItsInputAtEachCall() {
    Loss loss = loss();
    assertThat(loss.batching()).isNotNull().isEqualTo(loss().batching());
    assertThat(loss.wantsUnitLength()).isEqualTo(loss().wantsUnitLength());
    assertThat(loss.initialLength()).isEqualTo(loss().initialLength());
    loss.initialLength().ifPresent(length -> assertThat(length).isPositive().isFinite());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void gradientAgreesWithCentralDifferences(long seed) {
    Loss loss = loss();
    EmbeddingBatch batch = batch(Randoms.ofSeed(seed));
    LossResult result = loss.evaluate(batch);
    assertThat(result.value()).as("value (seed %d)", seed).isNotZero();
    assertThat(result.activeTuples()).as("active tuples (seed %d)", seed).isPositive();
    double[] values = batch.toArray();
    double[] gradient = result.gradient();
    assertThat(gradient).hasSameSizeAs(values);
    double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
    assertThat(largest).as("largest gradient (seed %d)", seed).isPositive();
    for (int i = 0; i < values.length; i++) {
      double x = values[i];
      double h = 1e-6 * Math.max(1, Math.abs(x));
      values[i] = x + h;
      double up = loss.evaluate(with(batch, values)).value();
      values[i] = x - h;
      double down = loss.evaluate(with(batch, values)).value();
      values[i] = x;
      assertThat(gradient[i])
          .as("d loss / d value %d (seed %d)", i, seed)
          .isCloseTo((up - down) / (2 * h), within(GRADIENT_TOLERANCE * Math.max(1, largest)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7, 8})
  void orderOfTheRowsDoesNotMatter(long seed) {
    Randoms random = Randoms.ofSeed(seed);
    EmbeddingBatch batch = batch(random);
    int[] order = order(batch.size(), random);
    LossResult expected = loss().evaluate(batch);
    LossResult result = loss().evaluate(rows(batch, order));
    double scale = Math.max(1, Math.abs(expected.value()));
    assertThat(result.value())
        .as(random.note("value"))
        .isCloseTo(expected.value(), within(ORDER_TOLERANCE * scale));
    assertThat(result.activeTuples()).isEqualTo(expected.activeTuples());
    for (int row = 0; row < order.length; row++) {
      for (int i = 0; i < batch.dimension(); i++) {
        assertThat(result.gradientAt(row, i))
            .as(random.note("row " + row + ", value " + i))
            .isCloseTo(expected.gradientAt(order[row], i), within(ORDER_TOLERANCE * scale));
      }
    }
  }

  @Test
  void sameBatchGivesTheSameBits() {
    EmbeddingBatch batch = batch(Randoms.ofSeed(9));
    LossResult expected = loss().evaluate(batch);
    Loss shared = loss();
    List<LossResult> results =
        IntStream.range(0, 16).parallel().mapToObj(i -> shared.evaluate(batch)).toList();
    assertThat(results).containsOnly(expected);
  }

  @Test
  void doesNotModifyTheBatch() {
    EmbeddingBatch batch = batch(Randoms.ofSeed(10));
    EmbeddingBatch copy = EmbeddingBatch.copyOf(batch.dimension(), batch.toArray(), batch.labels());
    loss().evaluate(batch);
    assertThat(batch).isEqualTo(copy);
  }

  @Test
  void oneClassOnly() {
    EmbeddingBatch batch = oneClass(Randoms.ofSeed(11));
    LossResult result = loss().evaluate(batch);
    assertFinite(result);
    assertOneClass(batch, result);
  }

  @Test
  void equalRowsGiveAFiniteResult() {
    EmbeddingBatch batch = batch(Randoms.ofSeed(12));
    double[] values = batch.toArray();
    int d = batch.dimension();
    // Rows 0 to 3 become one: equal rows of one class and of two.
    for (int row = 1; row < 4; row++) {
      System.arraycopy(values, 0, values, row * d, d);
    }
    assertFinite(loss().evaluate(with(batch, values)));
    for (int row = 4; row < batch.size(); row++) {
      System.arraycopy(values, 0, values, row * d, d);
    }
    assertFinite(loss().evaluate(with(batch, values)));
  }

  @Test
  void zeroRowsGiveAFiniteResultOrAreRefused() {
    EmbeddingBatch batch = batch(Randoms.ofSeed(13));
    double[] values = batch.toArray();
    Arrays.fill(values, 0, batch.dimension(), 0);
    assertFiniteOrRefused(with(batch, values));
    Arrays.fill(values, 0);
    assertFiniteOrRefused(with(batch, values));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-320, 1e-200, 1e-30, 1e3, 1e30, 1e150, 1e300})
  void tinyAndHugeValuesGiveAFiniteResultOrAreRefused(double factor) {
    EmbeddingBatch batch = batch(Randoms.ofSeed(14));
    double[] values = batch.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    assertFiniteOrRefused(with(batch, values));
    double[] mixed = batch.toArray();
    System.arraycopy(values, 0, mixed, 0, batch.dimension());
    assertFiniteOrRefused(with(batch, mixed));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void refusesAValueThatIsNotFinite(double value) {
    EmbeddingBatch batch = batch(Randoms.ofSeed(15));
    double[] values = batch.toArray();
    values[3 * batch.dimension() + 2] = value;
    assertThatThrownBy(() -> loss().evaluate(with(batch, values)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("finite")
        .hasMessageFindingMatch("\\brow 3\\b")
        .hasMessageContaining(String.valueOf(value));
  }

  private void assertFiniteOrRefused(EmbeddingBatch batch) {
    try {
      assertFinite(loss().evaluate(batch));
    } catch (IllegalArgumentException refusal) {
      assertThat(refusal.getMessage()).isNotBlank();
    }
  }

  private static void assertFinite(LossResult result) {
    assertThat(Double.isFinite(result.value())).as("value %s", result.value()).isTrue();
    for (double value : result.gradient()) {
      assertThat(Double.isFinite(value)).as("gradient %s", value).isTrue();
    }
  }

  private static EmbeddingBatch with(EmbeddingBatch batch, double[] values) {
    return EmbeddingBatch.copyOf(batch.dimension(), values, batch.labels());
  }

  private static EmbeddingBatch rows(EmbeddingBatch batch, int[] order) {
    int d = batch.dimension();
    double[] values = new double[order.length * d];
    int[] labels = new int[order.length];
    for (int row = 0; row < order.length; row++) {
      labels[row] = batch.label(order[row]);
      for (int i = 0; i < d; i++) {
        values[row * d + i] = batch.at(order[row], i);
      }
    }
    return EmbeddingBatch.copyOf(d, values, labels);
  }
}
