// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static io.deepretrieval.dl4j.Networks.SEED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.Networks;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneDnnEngineTest {
  private static float[] input(int values) {
    Random random = new Random(SEED);
    float[] out = new float[values];
    for (int i = 0; i < values; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 34, 50, 101, 152})
  void runsEveryResNetLikeDeeplearning4j(int depth) {
    Networks.assertParity(ResNets.create(depth, 4, SEED), "layer4", 1, 65, 97);
  }

  @Test
  void knowsForWhichInstructionsBlocksAreMade() {
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_avx2)).isTrue();
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_avx2_vnni)).isTrue();
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_sse41)).isTrue();
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_avx512_core)).isFalse();
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_avx512_core_amx)).isFalse();
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_avx512_mic)).isFalse();
    // Not x86.
    assertThat(OneDnnEngine.prefersBlocks(dnnl.dnnl_cpu_isa_all)).isFalse();
  }

  @Test
  void cutsAResNetAtEveryStage() {
    for (int stage = 1; stage <= 4; stage++) {
      NetworkPlan plan = GraphCompiler.compile(ResNets.create(50, stage, SEED), "layer" + stage);
      try (OneDnnEngine engine = new OneDnnEngine("net", plan, 1, 0)) {
        FeatureMap map = engine.run(1, 64, 96, b -> b.put(input(64 * 96 * 3))).get(0);
        assertThat(map)
            .hasToString(
                "FeatureMap["
                    + ResNets.channels(50, stage)
                    + ","
                    + (64 >> (stage + 1))
                    + ","
                    + (96 >> (stage + 1))
                    + "]");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givesTheSameMapWhateverTheBatch(boolean blocks) {
    NetworkPlan plan = GraphCompiler.compile(ResNets.create(18, 4, SEED), "layer4");
    int each = 96 * 80 * 3;
    float[] all = input(5 * each);
    try (OneDnnEngine engine = new OneDnnEngine("net", plan, 1, 0, blocks)) {
      List<FeatureMap> together = engine.run(5, 96, 80, b -> b.put(all));
      for (int i = 0; i < 5; i++) {
        float[] one = Arrays.copyOfRange(all, i * each, (i + 1) * each);
        assertThat(engine.run(1, 96, 80, b -> b.put(one)).get(0)).isEqualTo(together.get(i));
      }
    }
  }

  @Test
  void givesTheSameMapsToEightThreadsAsToOne() throws Exception {
    NetworkPlan plan = GraphCompiler.compile(ResNets.create(18, 3, SEED), "layer3");
    int[][] sizes = {{64, 64}, {33, 70}, {96, 48}, {64, 65}};
    for (int concurrency : new int[] {1, 3}) {
      try (OneDnnEngine engine = new OneDnnEngine("net", plan, concurrency, 1)) {
        List<FeatureMap> expected = new ArrayList<>();
        for (int[] s : sizes) {
          expected.addAll(engine.run(1, s[0], s[1], b -> b.put(input(s[0] * s[1] * 3))));
        }
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
          List<Future<List<FeatureMap>>> results = new ArrayList<>();
          for (int i = 0; i < 64; i++) {
            int[] s = sizes[i % 4];
            results.add(
                pool.submit(() -> engine.run(1, s[0], s[1], b -> b.put(input(s[0] * s[1] * 3)))));
          }
          for (int i = 0; i < 64; i++) {
            assertThat(results.get(i).get().get(0))
                .as("result " + i + " of concurrency " + concurrency)
                .isEqualTo(expected.get(i % 4));
          }
        } finally {
          pool.shutdown();
        }
      }
    }
  }

  @Test
  void survivesMoreShapesThanItKeepsPrograms() {
    NetworkPlan plan = GraphCompiler.compile(ResNets.create(18, 2, SEED), "layer2");
    try (OneDnnEngine engine = new OneDnnEngine("net", plan, 1, 0)) {
      FeatureMap first = engine.run(1, 32, 32, b -> b.put(input(32 * 32 * 3))).get(0);
      for (int w = 33; w < 63; w++) {
        int width = w;
        engine.run(1, 32, w, b -> b.put(input(32 * width * 3)));
      }
      assertThat(engine.run(1, 32, 32, b -> b.put(input(32 * 32 * 3))).get(0)).isEqualTo(first);
    }
  }

  @Test
  void refusesAnImageThatIsTooSmall() {
    NetworkPlan plan =
        GraphCompiler.compile(
            Networks.graph(b -> b.addLayer("out", Networks.conv(5, 3, 4).build(), "in")), "out");
    try (OneDnnEngine engine = new OneDnnEngine("net", plan, 1, 0)) {
      assertThatThrownBy(() -> engine.run(1, 4, 9, b -> b.put(input(4 * 9 * 3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("image of 9x4 is too small for the network: layer 'out' gets 9x4");
      assertThat(engine.run(1, 5, 9, b -> b.put(input(5 * 9 * 3)))).hasSize(1);
    }
  }

  @Test
  void closesTwice() {
    NetworkPlan plan = GraphCompiler.compile(ResNets.create(18, 1, SEED), "layer1");
    OneDnnEngine engine = new OneDnnEngine("net", plan, 2, 0);
    engine.run(1, 32, 32, b -> b.put(input(32 * 32 * 3)));
    engine.close();
    engine.close();
  }
}
