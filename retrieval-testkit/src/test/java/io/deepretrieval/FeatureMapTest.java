// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.Randoms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FeatureMapTest {
  /** Two channels, one row, three columns: 1 2 3 and 4 5 6. */
  private static final float[] FIRST = {1, 2, 3, 4, 5, 6};

  private static final float[] LAST = {1, 4, 2, 5, 3, 6};

  @Test
  void channelsFirstAndLastAreOneMap() {
    FeatureMap map = FeatureMap.copyOfChannelsFirst(2, 1, 3, FIRST);
    assertThat(map)
        .isEqualTo(FeatureMap.copyOfChannelsLast(2, 1, 3, LAST))
        .hasSameHashCodeAs(FeatureMap.copyOfChannelsLast(2, 1, 3, LAST))
        .hasToString("FeatureMap[2,1,3]");
    assertThat(map.sharedValues()).isEqualTo(LAST);
    assertThat(map.toChannelsFirst()).isEqualTo(FIRST);
    assertThat(map.at(1, 0, 2)).isEqualTo(6);
    assertThat(map.at(0, 0, 1)).isEqualTo(2);
    assertThat(map.channels()).isEqualTo(2);
    assertThat(map.height()).isEqualTo(1);
    assertThat(map.width()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,4,3", "5,1,7", "3,6,1", "4,3,5"})
  void channelsFirstRoundTrip(int c, int h, int w) {
    Randoms random = Randoms.ofSeed(c + 10 * h + 100 * w);
    float[] values = random.gaussians(c * h * w);
    FeatureMap map = FeatureMap.copyOfChannelsFirst(c, h, w, values);
    assertThat(map.toChannelsFirst()).as(random.note("map")).isEqualTo(values);
    for (int i = 0; i < values.length; i++) {
      assertThat(map.at(i / (h * w), i / w % h, i % w)).isEqualTo(values[i]);
    }
  }

  @Test
  void ownedValuesAreSharedAndOthersCopied() {
    float[] values = LAST.clone();
    FeatureMap owned = FeatureMap.ofOwned(2, 1, 3, values);
    FeatureMap copied = FeatureMap.copyOfChannelsLast(2, 1, 3, values);
    assertThat(owned.sharedValues()).isSameAs(values);
    values[0] = 9;
    assertThat(copied.at(0, 0, 0)).isEqualTo(1);
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> FeatureMap.ofOwned(0, 1, 3, new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("feature map [C,H,W] must be at least [1,1,1] but was [0,1,3]");
    assertThatThrownBy(() -> FeatureMap.copyOfChannelsFirst(2, 2, 3, FIRST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("feature map [2,2,3] must have 12 values but had 6");
    assertThatThrownBy(() -> FeatureMap.ofOwned(1 << 22, 1 << 21, 1 << 21, new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "feature map must have at most 2147483647 values but was [4194304,2097152,2097152]");
  }

  @ParameterizedTest
  @CsvSource({"2,0,0", "0,1,0", "0,0,3", "-1,0,0"})
  void placesOutsideAreRefused(int c, int y, int x) {
    FeatureMap map = FeatureMap.ofOwned(2, 1, 3, LAST);
    assertThatThrownBy(() -> map.at(c, y, x)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void otherShapeOrValueIsAnotherMap() {
    FeatureMap map = FeatureMap.ofOwned(2, 1, 3, LAST);
    assertThat(map)
        .isNotEqualTo(FeatureMap.ofOwned(2, 3, 1, LAST))
        .isNotEqualTo(FeatureMap.ofOwned(3, 1, 2, LAST))
        .isNotEqualTo(FeatureMap.ofOwned(2, 1, 3, FIRST))
        .isNotEqualTo(LAST);
  }

  @Test
  void poolingGradientKeepsItsOwnParameters() {
    float[] parameters = {1, 2};
    PoolingGradient gradient = new PoolingGradient(FeatureMap.ofOwned(2, 1, 3, LAST), parameters);
    parameters[0] = 9;
    gradient.parameters()[1] = 9;
    assertThat(gradient.parameters()).isEqualTo(new float[] {1, 2});
    assertThat(gradient.map()).isEqualTo(FeatureMap.ofOwned(2, 1, 3, LAST));
  }
}
