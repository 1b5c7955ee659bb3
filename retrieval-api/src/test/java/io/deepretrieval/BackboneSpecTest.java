// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BackboneSpecTest {
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final FeatureSpec OUTPUT = new FeatureSpec(2048, 32);

  private static BackboneSpec spec(String name, String layer, String hash) {
    return new BackboneSpec(name, layer, hash, Preprocessing.TORCH, OUTPUT);
  }

  @Test
  void equalByParts() {
    assertThat(spec("resnet50", "layer4", HASH))
        .isEqualTo(spec("resnet50", "layer4", HASH))
        .isNotEqualTo(spec("resnet50", "layer3", HASH));
  }

  @Test
  void blankTextIsRefused() {
    assertThatThrownBy(() -> spec(" ", "layer4", HASH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backbone name and layer must not be blank but were ' ' and 'layer4'");
    assertThatThrownBy(() -> spec("resnet50", "", HASH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backbone name and layer must not be blank but were 'resnet50' and ''");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "0123456789ABCDEF"})
  void hashOfAnotherFormIsRefused(String hash) {
    assertThatThrownBy(() -> spec("resnet50", "layer4", hash))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backbone weights hash must be 64 hexadecimal digits but was '" + hash + "'");
  }

  @ParameterizedTest
  @CsvSource({"0,32", "2048,0", "-1,-1"})
  void featureSpecNeedsPositiveNumbers(int channels, int stride) {
    assertThatThrownBy(() -> new FeatureSpec(channels, stride))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "feature channels and stride must be at least 1 but were "
                + channels
                + " and "
                + stride);
  }
}
