// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PowerMathTest {
  @Test
  void logarithmKeepsTheStatedBound() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000_000; i++) {
      float x = Float.intBitsToFloat(0x00800000 + random.nextInt(0x7f000000));
      double expected = Math.log(x) / Math.log(2);
      assertThat(Math.abs(PowerMath.log2(x) - expected))
          .as("log2(%s)", x)
          .isLessThanOrEqualTo(0x1p-23 * Math.max(1, Math.abs(expected)));
    }
  }

  @Test
  void exponentialKeepsTheStatedBound() {
    Random random = new Random(2);
    for (int i = 0; i < 1_000_000; i++) {
      float y = 252 * random.nextFloat() - 125.4f;
      double expected = Math.pow(2, y);
      assertThat(Math.abs(PowerMath.exp2(y) - expected))
          .as("exp2(%s)", y)
          .isLessThanOrEqualTo(3e-7 * expected);
    }
  }

  @Test
  void oneAndZeroAreExact() {
    assertThat(PowerMath.log2(1)).isEqualTo(0);
    assertThat(PowerMath.exp2(0)).isEqualTo(1);
    assertThat(PowerMath.log2(8)).isEqualTo(3);
    assertThat(PowerMath.exp2(-5)).isEqualTo(1 / 32f);
  }

  @Test
  void exponentialStaysFiniteFarOutside() {
    for (float y : new float[] {-126.4f, -127, -500, -5e6f, -1e30f}) {
      assertThat(PowerMath.exp2(y)).as("exp2(%s)", y).isBetween(0f, 3e-38f);
    }
    for (float y : new float[] {127.4f, 200, 3e6f}) {
      assertThat(PowerMath.exp2(y)).as("exp2(%s)", y).isBetween(1e38f, Float.MAX_VALUE);
    }
  }
}
