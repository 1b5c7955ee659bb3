// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Similarity;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowKernelsTest {
  @Test
  void theVectorLoopsAreTakenIfTheJvmHasThem() {
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    assertThat(RowKernels.best().isFastOnCodes()).isEqualTo(present);
    assertThat(RowKernels.best().name()).startsWith(present ? "vector of " : "scalar");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 513})
  void sumsAreThoseOfDoubles(int n) {
    Random random = new Random(n);
    float[] a = new float[n + 5];
    float[] b = new float[n + 3];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < b.length; i++) {
      b[i] = (float) random.nextGaussian();
    }
    float[] x = Arrays.copyOfRange(a, 5, 5 + n);
    float[] y = Arrays.copyOfRange(b, 3, 3 + n);
    for (RowKernels kernels : new RowKernels[] {RowKernels.best(), new RowKernels()}) {
      // n roundings of terms of about 1.
      float tolerance = 1e-6f * (n + 4);
      assertThat(kernels.dot(a, 5, b, 3, n))
          .isCloseTo((float) ExactScore.one(Similarity.INNER_PRODUCT, x, y, n), within(tolerance));
      assertThat(kernels.squares(a, 5, b, 3, n))
          .isCloseTo((float) ExactScore.one(Similarity.L2, x, y, n), within(4 * tolerance));
      assertThat(kernels.distance(a, 5, b, 3, n))
          .isCloseTo((float) ExactScore.one(Similarity.L1, x, y, n), within(4 * tolerance));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 40, 200})
  void productsWithCodesAreThoseOfIntegers(int d) {
    Random random = new Random(d);
    int rows = 11;
    byte[] codes = new byte[rows * d];
    random.nextBytes(codes);
    float[] query = new float[d];
    for (int j = 0; j < d; j++) {
      query[j] = random.nextInt(9) - 4;
    }
    for (RowKernels kernels : new RowKernels[] {RowKernels.best(), new RowKernels()}) {
      float[] out = new float[rows];
      kernels.dots(query, codes, rows, d, out);
      for (int r = 0; r < rows; r++) {
        long sum = 0;
        for (int j = 0; j < d; j++) {
          sum += ((int) query[j]) * (long) codes[r * d + j];
        }
        assertThat((long) out[r]).isEqualTo(sum);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 31, 32, 33, 64, 70, 200})
  void theValuesThatReachAThresholdAreFoundInOrder(int n) {
    Random random = new Random(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextInt(20);
    }
    for (float threshold : new float[] {Float.NEGATIVE_INFINITY, 0, 10, 19, 20}) {
      int[] expected = IntStream.range(0, n).filter(i -> values[i] >= threshold).toArray();
      for (RowKernels kernels : new RowKernels[] {RowKernels.best(), new RowKernels()}) {
        int[] found = new int[n];
        int count = kernels.atLeast(values, n, threshold, found);
        assertThat(Arrays.copyOf(found, count)).isEqualTo(expected);
      }
    }
  }

  @Test
  void codesLoseNoMoreThanTheySay() {
    Random random = new Random(3);
    int d = 30;
    int rows = 50;
    float[] values = new float[rows * d];
    double[] norms = new double[rows];
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < d; j++) {
        // Zero rows, ordinary ones, and some that underflow.
        float scale = r % 7 == 0 ? 0 : r % 7 == 1 ? 0x1p-140f : r % 7 == 2 ? 1e30f : 1;
        values[r * d + j] = scale * (float) random.nextGaussian();
        norms[r] += (double) values[r * d + j] * values[r * d + j];
      }
      norms[r] = Math.sqrt(norms[r]);
    }
    Int8Codes codes = Int8Codes.of(FloatBuffer.wrap(values), rows, d, norms);
    double greatest = 0;
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int j = 0; j < d; j++) {
        double lost = values[r * d + j] - (double) codes.scales[r] * codes.bytes[r * d + j];
        sum += lost * lost;
      }
      greatest = Math.max(greatest, Math.sqrt(sum));
      if (norms[r] > 0) {
        assertThat(Math.sqrt(sum)).isLessThanOrEqualTo(codes.relativeLoss * norms[r]);
      }
    }
    assertThat(greatest).isLessThanOrEqualTo(codes.loss).isGreaterThan(0.99 * codes.loss);
  }
}
