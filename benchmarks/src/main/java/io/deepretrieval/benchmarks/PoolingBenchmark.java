// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time of one pooling of one map, single thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PoolingBenchmark {
  /** Name of the pooling. */
  @Param({"mac", "spoc", "gem"})
  public String pooling = "gem";

  /** Shape of the map, channels x rows x columns. */
  @Param({"2048x7x7", "2048x32x24", "2048x64x48", "512x64x48", "256x13x13"})
  public String shape = "2048x32x24";

  private Pooling kernel = Providers.poolings().get("mac").create(Options.NONE);
  private FeatureMap map = FeatureMap.ofOwned(1, 1, 1, new float[1]);

  /** For JMH. */
  public PoolingBenchmark() {}

  /** Draws a map as ReLU leaves it: half of the values are zero. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x", -1);
    int c = Integer.parseInt(sizes[0]);
    int h = Integer.parseInt(sizes[1]);
    int w = Integer.parseInt(sizes[2]);
    Random random = new Random(1);
    float[] values = new float[c * h * w];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, (float) random.nextGaussian());
    }
    map = FeatureMap.ofOwned(c, h, w, values);
    kernel = Providers.poolings().get(pooling).create(Options.NONE);
  }

  /**
   * Pools the map.
   *
   * @return the vector
   */
  @Benchmark
  public float[] pool() {
    return kernel.pool(map);
  }
}
