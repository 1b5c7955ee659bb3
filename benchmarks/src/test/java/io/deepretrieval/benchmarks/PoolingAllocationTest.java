// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.CrowPooling;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.pooling.MacPooling;
import io.deepretrieval.pooling.RmacPooling;
import io.deepretrieval.pooling.SpocPooling;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolingAllocationTest {
  private static final int CHANNELS = 512;

  /** Header and alignment of the array, and nothing else. */
  private static final long RESULT = 4L * CHANNELS + 16;

  @Test
  void poolingAllocatesItsResultOnly() {
    Random random = new Random(1);
    float[] values = new float[CHANNELS * 24 * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, (float) random.nextGaussian());
    }
    FeatureMap map = FeatureMap.ofOwned(CHANNELS, 24, 32, values);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Map<String, Pooling> poolings =
        Map.of(
            "mac", new MacPooling(),
            "spoc", SpocPooling.mean(),
            "spoc with prior", SpocPooling.centerPrior(),
            "gem p=3", GemPooling.fixed(3),
            "gem p=2.92", GemPooling.fixed(2.92f),
            "gem p=12", GemPooling.fixed(12),
            "r-mac", RmacPooling.withWholeMap(),
            "crow", new CrowPooling());
    poolings.forEach(
        (name, pooling) -> {
          long least = Long.MAX_VALUE;
          // the vector API allocates until it is compiled
          for (int i = 0; i < 4000 && least > RESULT; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            float[] result = pooling.pool(map);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            assertThat(result.length).isEqualTo(CHANNELS);
          }
          assertThat(least).as(name).isLessThanOrEqualTo(RESULT);
        });
  }
}
