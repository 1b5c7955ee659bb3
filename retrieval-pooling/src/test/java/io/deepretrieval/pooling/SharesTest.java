// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Box;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SimilarityMap;
import io.deepretrieval.TracedDescriptor;
import io.deepretrieval.pooling.transform.DimensionCut;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.testkit.PatchBackbone;
import io.deepretrieval.testkit.Randoms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a similarity comes from: by hand, then whole extractors against the cosine. */
final class SharesTest {
  /** Two channels over 1 x 2 cells: 3 and 4, 1 and 0. */
  private static final FeatureMap MAP =
      FeatureMap.copyOfChannelsFirst(2, 1, 2, new float[] {3, 4, 1, 0});

  private static double[] contributions(Pooling pooling, double... direction) {
    return pooling.contributions(MAP, direction).orElseThrow();
  }

  @Test
  void sumAndMeanShareWhatACellAdds() {
    assertThat(contributions(SpocPooling.sum(), 1, 10)).containsExactly(13, 4);
    assertThat(contributions(SpocPooling.mean(), 1, -10)).containsExactly(-3.5, 2);
  }

  @Test
  void gemSharesAsItsPowersDo() {
    double f = Math.sqrt((9 + 16) / 2.0);
    double[] shares = contributions(GemPooling.fixed(2), 1, 0);
    assertThat(shares[0]).isCloseTo(f * 9 / 25, within(1e-6));
    assertThat(shares[1]).isCloseTo(f * 16 / 25, within(1e-6));
    // A channel below the clamp is shared evenly, whatever its values.
    double[] dead =
        GemPooling.fixed(3)
            .contributions(
                FeatureMap.copyOfChannelsFirst(1, 1, 2, new float[] {-7, 0}), new double[] {1})
            .orElseThrow();
    assertThat(dead[0]).isCloseTo(0.5e-6, within(1e-11)).isEqualTo(dead[1]);
  }

  @Test
  void maximumBelongsToItsFirstCell() {
    assertThat(contributions(new MacPooling(), 1, 10)).containsExactly(10, 4);
    FeatureMap tie = FeatureMap.copyOfChannelsFirst(1, 1, 3, new float[] {1, 5, 5});
    assertThat(new MacPooling().contributions(tie, new double[] {2}).orElseThrow())
        .containsExactly(0, 10, 0);
  }

  @Test
  void directionOfAnotherLengthIsRefusedWithBothNumbers() {
    FeatureMap one = FeatureMap.copyOfChannelsFirst(1, 1, 3, new float[] {1, 5, 5});
    assertThatThrownBy(() -> new MacPooling().contributions(one, new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("direction must have 1 values but had 2");
  }

  @Test
  void constantOfALayerIsSpreadEvenly() {
    LinearTransform layer =
        LinearTransform.affine("layer", "none", new float[] {2, 0}, new float[] {6});
    double[] shares = contributions(new ProjectedPooling(SpocPooling.sum(), layer, false), 1);
    assertThat(shares).containsExactly(6 + 3, 8 + 3);
    double norm = Math.sqrt(49 + 1);
    double[] directions = contributions(new ProjectedPooling(SpocPooling.sum(), layer, true), 1);
    assertThat(directions[0]).isCloseTo(6 / norm + 3, within(1e-6));
    assertThat(directions[1]).isCloseTo(8 / norm + 3, within(1e-6));
  }

  @Test
  void crowSharesUnderItsWeights() {
    CrowPooling crow = new CrowPooling();
    double[] shares = contributions(crow, 1, 1);
    double rare = crow.channelWeights(MAP)[1];
    double common = crow.channelWeights(MAP)[0];
    assertThat(shares[0])
        .isCloseTo(crow.spatialWeights(MAP)[0] * (3 * common + rare), within(1e-6));
    assertThat(shares[1]).isCloseTo(crow.spatialWeights(MAP)[1] * 4 * common, within(1e-6));
  }

  @Test
  void regionOfNothingSharesTheConstantEvenly() {
    // One cell a region; the second is dead, so T gives its constant, which is normalized to 1.
    FeatureMap map = FeatureMap.copyOfChannelsFirst(1, 1, 2, new float[] {2, 0});
    LinearTransform layer =
        LinearTransform.affine("layer", "none", new float[] {3}, new float[] {5});
    double[] shares =
        RegionalPooling.of(new RegionGrid(1, 0, false), new MacPooling(), Optional.of(layer))
            .contributions(map, new double[] {1})
            .orElseThrow();
    assertThat(shares[0] + shares[1])
        .isCloseTo(
            RegionalPooling.of(new RegionGrid(1, 0, false), new MacPooling(), Optional.of(layer))
                .pool(map)[0],
            within(1e-6));
    assertThat(shares[1]).isCloseTo(1, within(1e-6));
  }

  @Test
  void sharesOfWholeExtractorsSumToTheCosine() {
    int channels = 16;
    LinearTransform whitening = RegionalContractTest.projection(channels, 9);
    List<Pooling> poolings =
        List.of(
            SpocPooling.mean(),
            SpocPooling.centerPrior(),
            new MacPooling(),
            GemPooling.fixed(3),
            GemPooling.learnable(2.6f),
            new CrowPooling(),
            RmacPooling.withWholeMap(),
            RmacPooling.original().withRegionTransform(RegionalContractTest.projection(16, 16)),
            RegionalPooling.of(new RegionGrid(2, 0.4, true), GemPooling.fixed(3), Optional.empty()),
            new ProjectedPooling(
                GemPooling.fixed(3), RegionalContractTest.projection(16, 16), true),
            ClassWeightedPooling.of(RegionalContractTest.projection(16, 20)).withTopClasses(4));
    RgbImage one = Randoms.ofSeed(4).image(200, 130);
    RgbImage other = Randoms.ofSeed(5).image(90, 160);
    for (Pooling pooling : poolings) {
      for (double exponent : new double[] {1, 3}) {
        try (DescriptorExtractor extractor =
            DescriptorExtractor.builder(
                    PatchBackbone.of(channels, 1), pooling, source -> Randoms.ofSeed(1).image(8, 8))
                .imageSize(160)
                .scales(List.of(1.0, 0.5))
                .scaleExponent(exponent)
                .transform(whitening)
                .transform(new DimensionCut(9, 6))
                .build()) {
          TracedDescriptor a = extractor.trace(one, Optional.of(new Box(10, 10, 150, 120)));
          TracedDescriptor b = extractor.trace(other, Optional.empty());
          Descriptor query = extractor.extract(one, new Box(10, 10, 150, 120));
          assertThat(a.descriptor()).isEqualTo(query);
          double cosine = query.dot(b.descriptor());
          SimilarityMap onQuery = a.contributions(b.descriptor()).orElseThrow();
          SimilarityMap onResult = b.contributions(query).orElseThrow();
          String what = pooling.recipe() + ", scale exponent " + exponent;
          assertThat(onQuery.sum()).as(what).isCloseTo(cosine, within(1e-5));
          assertThat(onResult.sum()).as(what).isCloseTo(cosine, within(1e-5));
          // 8 x 8 pixels a cell, at the larger scale
          assertThat(onResult).hasToString("SimilarityMap[20,11]");
        }
      }
    }
  }
}
