// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Preprocessing;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxMetadataTest {
  @Test
  void entriesSayWhatTheFileIs() {
    assertThat(new OnnxMetadata("resnet18", "layer4", 32, Preprocessing.CAFFE).entries())
        .isEqualTo(
            Map.of(
                "retrieval.backbone", "resnet18",
                "retrieval.layer", "layer4",
                "retrieval.stride", "32",
                "retrieval.preprocessing", "bgr 1.0 103.939,116.779,123.68 1.0,1.0,1.0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch", "caffe", "tf", "unit"})
  void preprocessingComesBackToTheBit(String name) {
    Preprocessing preprocessing = Preprocessing.named(name);
    assertThat(OnnxMetadata.preprocessing(OnnxMetadata.text(preprocessing)))
        .isEqualTo(preprocessing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rgb 1 0,0,0",
        "hsv 1 0,0,0 1,1,1",
        "rgb x 0,0,0 1,1,1",
        "rgb 1 0,0 1,1,1",
        "rgb 1 0,0,0 1,1,0",
        "rgb -1 0,0,0 1,1,1",
        "rgb NaN 0,0,0 1,1,1"
      })
  void refusesAnotherForm(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxMetadata.preprocessing(text))
        .withMessage(
            "metadata retrieval.preprocessing must be order, scale, mean and std, as"
                + " 'rgb 1.0 0.0,0.0,0.0 1.0,1.0,1.0', but was '"
                + text
                + "'");
  }
}
