// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SharedFilesTest {
  @Test
  void whatIsNotThereSkipsTheTest() {
    String name = "no/such/file/anywhere";
    assertThat(SharedFiles.find(name)).isEmpty();
    assertThatThrownBy(() -> SharedFiles.require(name))
        .isNotInstanceOf(AssertionError.class)
        .hasMessageContaining("there is no ../shared/" + name + " beside the repository");
  }
}
