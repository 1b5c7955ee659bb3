// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.testkit.PatchBackbone;
import io.deepretrieval.testkit.Randoms;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SimilarityMapTest {
  private static final SimilarityMap TWO_BY_THREE =
      SimilarityMap.of(2, 3, new double[] {1, 2, 3, 4, 5, 6});

  @Test
  void readsRowByRowAndSums() {
    assertThat(TWO_BY_THREE.at(1, 0)).isEqualTo(4);
    assertThat(TWO_BY_THREE.sum()).isEqualTo(21);
    assertThat(TWO_BY_THREE).hasToString("SimilarityMap[2,3]");
  }

  @Test
  void coarserGridAddsCells() {
    assertThat(TWO_BY_THREE.resized(1, 1)).isEqualTo(SimilarityMap.of(1, 1, new double[] {21}));
    assertThat(TWO_BY_THREE.resized(1, 3))
        .isEqualTo(SimilarityMap.of(1, 3, new double[] {5, 7, 9}));
  }

  @Test
  void cellsThatLieAcrossAreSplitByArea() {
    // The middle column goes half to the left, half to the right.
    assertThat(TWO_BY_THREE.resized(2, 2))
        .isEqualTo(SimilarityMap.of(2, 2, new double[] {2, 4, 6.5, 8.5}));
    assertThat(SimilarityMap.of(1, 1, new double[] {8}).resized(2, 2))
        .isEqualTo(SimilarityMap.of(2, 2, new double[] {2, 2, 2, 2}));
  }

  @Test
  void everyGridKeepsTheSum() {
    for (int h = 1; h < 8; h++) {
      for (int w = 1; w < 8; w++) {
        assertThat(TWO_BY_THREE.resized(h, w).sum()).isCloseTo(21, within(1e-12));
      }
    }
  }

  @Test
  void badSizesAreRefused() {
    assertThatThrownBy(() -> SimilarityMap.of(2, 2, new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "share map [H,W] must be at least [1,1] with a share a cell but was [2,2] with 3");
    assertThatThrownBy(() -> TWO_BY_THREE.resized(0, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("share map [H,W] must be at least [1,1] but was [0,2]");
    assertThatThrownBy(() -> TWO_BY_THREE.at(0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void poolingThatDoesNotTellGivesNoShares() {
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(
                PatchBackbone.of(5, 1),
                new DescriptorExtractorTest.MeanPooling(),
                source -> Randoms.ofSeed(1).image(8, 8))
            .build()) {
      RgbImage image = Randoms.ofSeed(4).image(60, 40);
      TracedDescriptor traced = extractor.trace(image, Optional.empty());
      assertThat(traced.descriptor()).isEqualTo(extractor.extract(image));
      assertThat(traced.contributions(traced.descriptor())).isEmpty();
    }
  }

  @Test
  void descriptorOfAnotherRecipeIsRefused() {
    try (DescriptorExtractor extractor =
        DescriptorExtractor.builder(
                PatchBackbone.of(2, 1),
                new DescriptorExtractorTest.MeanPooling(),
                source -> Randoms.ofSeed(1).image(8, 8))
            .build()) {
      TracedDescriptor traced =
          extractor.trace(Randoms.ofSeed(4).image(60, 40), Optional.of(new Box(0, 0, 20, 20)));
      assertThatThrownBy(() -> traced.contributions(Descriptor.copyOf(1, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("descriptor to compare with must have the recipe [");
    }
  }
}
