// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.testkit.Randoms;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loops with several sums give what one sum gives. */
final class UnrolledLoopsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 64, 67})
  void equalTheNaiveLoop(int dimension) {
    Randoms random = Randoms.ofSeed(dimension);
    double[] x = random.wideGaussians(3 * dimension);
    double dot = 0;
    double squared = 0;
    for (int i = 0; i < dimension; i++) {
      double a = x[dimension + i];
      double b = x[2 * dimension + i];
      dot += a * b;
      squared += (a - b + 1e-6) * (a - b + 1e-6);
    }
    assertThat(Embeddings.dot(x, dimension, x, 2 * dimension, dimension))
        .as(random.note("dot"))
        .isCloseTo(dot, within(1e-12));
    assertThat(Distance.euclidean(1e-6).of(x, dimension, 2 * dimension, dimension))
        .as(random.note("distance"))
        .isCloseTo(Math.sqrt(squared), within(1e-12));
  }
}
