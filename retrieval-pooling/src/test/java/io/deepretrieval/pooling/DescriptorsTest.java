// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.RegionGrid.Region;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hand-computed values, identities and naive references of the descriptors. */
class DescriptorsTest {
  /** Two channels of 2 x 2: [[1,0],[2,3]] and [[0,0],[4,0]]. */
  private static final FeatureMap SMALL =
      FeatureMap.copyOfChannelsFirst(2, 2, 2, new float[] {1, 0, 2, 3, 0, 0, 4, 0});

  private static FeatureMap random(int channels, int height, int width, long seed) {
    Random random = new Random(seed);
    float[] values = new float[channels * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, (float) random.nextGaussian());
    }
    return FeatureMap.ofOwned(channels, height, width, values);
  }

  private static List<Pooling> all(int channels) {
    LinearTransform classifier = RegionalContractTest.projection(channels, 8);
    return List.of(
        new MacPooling(),
        SpocPooling.mean(),
        SpocPooling.sum(),
        SpocPooling.centerPrior(),
        GemPooling.fixed(3),
        GemPooling.fixed(2.92f),
        RmacPooling.original(),
        RmacPooling.withWholeMap(),
        RegionalPooling.of(new RegionGrid(2, 0.4, true), GemPooling.fixed(3), Optional.empty()),
        new CrowPooling(),
        ClassWeightedPooling.of(classifier));
  }

  private static void assertClose(float[] found, float[] expected, double tolerance) {
    double[] doubles = new double[expected.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = expected[i];
    }
    assertClose(found, doubles, tolerance);
  }

  private static void assertClose(float[] found, double[] expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i])
          .isCloseTo(expected[i], within(tolerance * Math.max(1e-3, Math.abs(expected[i]))));
    }
  }

  @Test
  void crowAgreesWithTheHandComputedMap() {
    assertClose(new CrowPooling().pool(SMALL), new double[] {1.22561992, 5.21556804}, 1e-6);
    assertClose(
        new CrowPooling().spatialWeights(SMALL),
        new double[] {0.38398171, 0, 0.94055927, 0.66507584},
        1e-6);
    assertClose(
        new CrowPooling().channelWeights(SMALL), new double[] {0.28768207, 1.38629436}, 1e-6);
  }

  @Test
  void rmacOfOneRegionIsTheUnitMac() {
    FeatureMap map = random(33, 9, 9, 1);
    assertClose(
        RmacPooling.of(new RegionGrid(1, 0.4, false)).pool(map),
        Golden.normalized(new MacPooling().pool(map)),
        1e-6);
  }

  @Test
  void rmacEqualsRegionByRegionMac() {
    for (long seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      FeatureMap map =
          random(1 + random.nextInt(40), 1 + random.nextInt(20), 1 + random.nextInt(30), seed);
      RegionGrid grid = new RegionGrid(1 + random.nextInt(4), 0.4, random.nextBoolean());
      assertClose(
          RmacPooling.of(grid).pool(map),
          RegionalPooling.of(grid, new MacPooling(), Optional.empty()).pool(map),
          2e-6);
    }
  }

  @Test
  void rmacTakesNegativeMaps() {
    FeatureMap map = FeatureMap.copyOfChannelsFirst(2, 1, 2, new float[] {-3, -4, -5, -8});
    assertClose(
        RmacPooling.of(new RegionGrid(1, 0.4, true)).pool(map),
        RegionalPooling.of(new RegionGrid(1, 0.4, true), new MacPooling(), Optional.empty())
            .pool(map),
        1e-6);
  }

  @Test
  void regionVectorsAreTheUnitMaximaInTheOrderOfTheGrid() {
    FeatureMap map = random(17, 6, 11, 3);
    RmacPooling rmac = RmacPooling.withWholeMap();
    List<Region> regions = rmac.grid().regions(6, 11);
    List<float[]> vectors = rmac.regionVectors(map);
    assertThat(vectors).hasSameSizeAs(regions);
    float[] sum = new float[17];
    for (float[] vector : vectors) {
      for (int c = 0; c < 17; c++) {
        sum[c] += vector[c];
      }
    }
    assertClose(rmac.pool(map), sum, 1e-6);
    assertClose(vectors.get(0), Golden.normalized(new MacPooling().pool(map)), 1e-6);
  }

  @Test
  void identityTransformOfRegionsChangesNothing() {
    float[] identity = new float[17 * 17];
    for (int i = 0; i < 17; i++) {
      identity[18 * i] = 1;
    }
    LinearTransform same = LinearTransform.centered("identity", "none", new float[17], identity);
    FeatureMap map = random(17, 8, 5, 4);
    assertClose(
        RmacPooling.original().withRegionTransform(same).pool(map),
        RmacPooling.original().pool(map),
        2e-6);
  }

  @Test
  void permutingTheChannelsPermutesTheResult() {
    int channels = 24;
    FeatureMap map = random(channels, 9, 12, 5);
    List<Integer> order = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      order.add(c);
    }
    Collections.shuffle(order, new Random(5));
    float[] permuted = new float[map.sharedValues().length];
    for (int i = 0; i < permuted.length; i++) {
      permuted[i] = map.sharedValues()[i / channels * channels + order.get(i % channels)];
    }
    FeatureMap other = FeatureMap.ofOwned(channels, 9, 12, permuted);
    for (Pooling pooling : all(channels).subList(0, 10)) {
      float[] straight = pooling.pool(map);
      float[] expected = new float[channels];
      for (int c = 0; c < channels; c++) {
        expected[c] = straight[order.get(c)];
      }
      assertClose(pooling.pool(other), expected, 1e-5);
    }
  }

  @Test
  void scalingTheMapDoesNotTurnTheDescriptor() {
    FeatureMap map = random(24, 9, 12, 6);
    float[] twice = map.sharedValues().clone();
    for (int i = 0; i < twice.length; i++) {
      twice[i] *= 2.5f;
    }
    FeatureMap scaled = FeatureMap.ofOwned(24, 9, 12, twice);
    for (Pooling pooling : all(24)) {
      if (pooling instanceof ClassWeightedPooling) {
        continue; // the bias of a classifier does not scale
      }
      assertClose(
          Golden.normalized(pooling.pool(scaled)), Golden.normalized(pooling.pool(map)), 1e-5);
    }
  }

  @Test
  void gemGoesFromMeanToMaximum() {
    FeatureMap map = random(24, 9, 12, 7);
    assertClose(GemPooling.fixed(1).pool(map), SpocPooling.mean().pool(map), 1e-5);
    float[] max = new MacPooling().pool(map);
    float[] last = SpocPooling.mean().pool(map);
    for (float p : new float[] {2, 4, 16, 256, 40_000, 1e6f, Float.MAX_VALUE}) {
      float[] now = GemPooling.fixed(p).pool(map);
      for (int c = 0; c < 24; c++) {
        assertThat(now[c]).isBetween(last[c] * 0.999999f, max[c] * 1.000001f);
      }
      last = now;
    }
    assertClose(last, max, 1e-6);
  }

  @Test
  void camFollowsTheDefinition() {
    FeatureMap x = random(4, 3, 5, 8);
    FeatureMap a = random(6, 3, 5, 9);
    LinearTransform classifier = RegionalContractTest.projection(6, 5);
    ClassWeightedPooling cam = ClassWeightedPooling.of(classifier).withTopClasses(2);
    List<Integer> classes = cam.predict(a);
    assertThat(classes).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    float[] sum = cam.pool(x, a);
    assertThat(cam.forClasses(classes.subList(0, 2)).pool(x, a)).isEqualTo(sum);
    assertThat(cam.forClasses(classes.subList(1, 3)).pool(x, a)).isNotEqualTo(sum);
    List<float[]> vectors = cam.classVectors(x, a);
    for (int c = 0; c < 4; c++) {
      assertThat(sum[c]).isCloseTo(vectors.get(0)[c] + vectors.get(1)[c], within(1e-6f));
    }
  }

  @Test
  void wrongPartsAreRefused() {
    LinearTransform classifier = RegionalContractTest.projection(6, 5);
    ClassWeightedPooling cam = ClassWeightedPooling.of(classifier);
    assertThatThrownBy(() -> cam.withTopClasses(6))
        .hasMessage("top classes must be in [1, 5] but was 6");
    assertThatThrownBy(() -> cam.forClasses(List.of(5)))
        .hasMessage("classes must be one or more in [0, 5) but were [5]");
    assertThatThrownBy(() -> cam.pool(random(6, 2, 2, 1), random(6, 2, 3, 1)))
        .hasMessage("FeatureMap[6,2,2] and FeatureMap[6,2,3] must have the same rows and columns");
    assertThatThrownBy(() -> cam.pool(random(4, 2, 2, 1)))
        .hasMessageContaining("must have 6 channels but had 4");
    assertThatThrownBy(() -> RmacPooling.original().withRegionTransform(classifier).dimension(7))
        .hasMessageContaining("region vectors must have dimension 6")
        .hasMessageContaining("but had 7");
    assertThatThrownBy(() -> new NeuralCodesPooling().pool(random(3, 2, 1, 1)))
        .hasMessageContaining("map of neural codes must be [3,1,1] but was [3,2,1]");
    assertThatThrownBy(() -> new NeuralCodesPooling(0, 1))
        .hasMessage("map of neural codes must be at least [1,1] but was [0,1]");
  }

  @Test
  void neuralCodesKeepTheOrderOfFlatten() {
    assertThat(new NeuralCodesPooling(2, 2).pool(SMALL)).containsExactly(1, 0, 2, 3, 0, 0, 4, 0);
  }

  @Test
  void recipesNameWhatMatters() {
    assertThat(RmacPooling.original().recipe())
        .isEqualTo("r-mac levels=3 overlap=0.4 whole-map=false");
    assertThat(RmacPooling.endToEnd().grid().levels()).isEqualTo(2);
    assertThat(RmacPooling.withWholeMap()).isNotEqualTo(RmacPooling.original());
    assertThat(RmacPooling.original())
        .isEqualTo(RmacPooling.original())
        .hasSameHashCodeAs(RmacPooling.original())
        .hasToString(RmacPooling.original().recipe());
    LinearTransform t = RegionalContractTest.projection(6, 5);
    assertThat(RmacPooling.original().withRegionTransform(t).recipe())
        .endsWith("(" + t.recipe() + ")");
    assertThat(ClassWeightedPooling.of(t).recipe())
        .isEqualTo("cam top=5 classifier=(" + t.recipe() + ")");
    assertThat(ClassWeightedPooling.of(t))
        .isEqualTo(ClassWeightedPooling.of(t))
        .hasSameHashCodeAs(ClassWeightedPooling.of(t))
        .isNotEqualTo(ClassWeightedPooling.of(t).forClasses(List.of(1, 2)));
    assertThat(new NeuralCodesPooling().recipe()).isEqualTo("neural-codes map=1x1");
    for (Pooling pooling : all(6)) {
      assertThat(pooling).hasToString(pooling.recipe());
      assertThat(pooling.recipe()).doesNotContain(";");
    }
  }

  @Test
  void valuesNearTheEndOfTheRangeKeepTheirDirection() {
    float[] huge = random(8, 5, 5, 12).sharedValues().clone();
    for (int i = 0; i < huge.length; i++) {
      huge[i] *= 1e30f;
    }
    float[] tiny = random(8, 5, 5, 12).sharedValues().clone();
    for (int i = 0; i < tiny.length; i++) {
      tiny[i] *= 1e-30f;
    }
    float[] expected = RmacPooling.original().pool(random(8, 5, 5, 12));
    assertClose(RmacPooling.original().pool(FeatureMap.ofOwned(8, 5, 5, huge)), expected, 1e-5);
    assertClose(RmacPooling.original().pool(FeatureMap.ofOwned(8, 5, 5, tiny)), expected, 1e-5);
    float[] dead = new float[200];
    assertThat(RmacPooling.original().pool(FeatureMap.ofOwned(8, 5, 5, dead))).containsOnly(0);
    assertThat(new CrowPooling().pool(FeatureMap.ofOwned(8, 5, 5, dead))).containsOnly(0);
    Arrays.fill(dead, 3e38f);
    assertThatThrownBy(() -> new CrowPooling().pool(FeatureMap.ofOwned(8, 5, 5, dead)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be small enough for [crow]");
  }
}
