// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import io.deepretrieval.Descriptor;
import io.deepretrieval.pooling.transform.LinearTransform;
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

/** Time of whitening one descriptor, or a block of them, single thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class WhiteningBenchmark {
  /** Vectors a block of {@link #block}. */
  private static final int BLOCK = 32;

  /** Dimension before the whitening. */
  @Param("2048")
  public int input = 2048;

  /** Dimension behind it. */
  @Param("512")
  public int output = 512;

  private LinearTransform whitening =
      LinearTransform.centered("none", "none", new float[1], new float[1]);
  private Descriptor descriptor = Descriptor.copyOf(new float[1]);
  private float[] vectors = new float[1];
  private float[] result = new float[1];

  /** For JMH. */
  public WhiteningBenchmark() {}

  /** Draws a matrix and vectors. */
  @Setup
  public void setUp() {
    whitening =
        LinearTransform.centered("whitening", "drawn", draw(input, 1), draw(input * output, 2));
    descriptor = Descriptor.copyOf(draw(input, 3));
    vectors = draw(BLOCK * input, 4);
    result = new float[BLOCK * output];
  }

  private static float[] draw(int n, long seed) {
    Random random = new Random(seed);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  /**
   * Whitens one descriptor.
   *
   * @return the result
   */
  @Benchmark
  public Descriptor one() {
    return whitening.apply(descriptor);
  }

  /**
   * Whitens a block of 32.
   *
   * @return the results
   */
  @Benchmark
  public float[] block() {
    whitening.project(vectors, BLOCK, result);
    return result;
  }
}
