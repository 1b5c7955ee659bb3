// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BoxTest {
  @Test
  void sizesAreDifferencesOfCorners() {
    Box box = new Box(136.5, 34.1, 648.5, 955.7);
    assertThat(box.width()).isEqualTo(512.0);
    assertThat(box.height()).isEqualTo(955.7 - 34.1);
  }

  @Test
  void readsFourNumbers() {
    assertThat(Box.parse("136.5, 34.1,648.5,955.7")).isEqualTo(new Box(136.5, 34.1, 648.5, 955.7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1,2,3", "1,2,3,4,5", "1,2,x,4", "1,2,,4", "1;2;3;4"})
  void anotherFormIsRefused(String text) {
    assertThatThrownBy(() -> Box.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("box must be x1,y1,x2,y2 but was '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "-1,0,1,1",
    "0,-1,1,1",
    "1,0,1,1",
    "0,2,1,1",
    "NaN,0,1,1",
    "0,0,NaN,1",
    "0,0,Infinity,1",
    "0,0,1,Infinity",
    "Infinity,0,Infinity,1",
  })
  void cornersThatSpanNoBoxAreRefused(double x1, double y1, double x2, double y2) {
    assertThatThrownBy(() -> new Box(x1, y1, x2, y2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was %s,%s,%s,%s", x1, y1, x2, y2);
  }
}
