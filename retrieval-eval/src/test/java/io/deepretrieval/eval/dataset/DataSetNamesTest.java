// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DataSetNamesTest {
  @ParameterizedTest
  @CsvSource({
    "oxford105k, oxford5k",
    "Oxford5k, roxford5k",
    "oxford, ROxford5k-1m",
    "oxbuild_images, oxford105k",
    "paris106k, Paris 6k",
    "rparis6k, paris6k+100",
    "holidays, holidays-upright",
    "gldv2-clean, gldv2-recognition",
    "google-landmarks-v2, gldv2",
    "google-landmarks-2018, gldv1",
    "gl18, GLDv1-recognition",
    "flickrlogos32-boxes, flickrlogos47",
    "retrieval-SfM-120k, sfm30k",
    "mine, MINE"
  })
  void versionsOfOneSetShareTheirImages(String name, String other) {
    assertThat(DataSets.share(name, other)).isTrue();
    assertThat(DataSets.share(other, name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "oxford5k, paris6k",
    "gldv1, gldv2",
    "oxen, oxford5k",
    "parade, paris6k",
    "mine, yours",
    "'', ''",
    "' ', '-'"
  })
  void otherSetsDoNot(String name, String other) {
    assertThat(DataSets.share(name, other)).isFalse();
    assertThat(DataSets.share(other, name)).isFalse();
  }

  @Test
  void everyKnownNameSharesWithItself() {
    for (String name : List.copyOf(DataSets.names())) {
      assertThat(DataSets.share(name, name)).as(name).isTrue();
    }
  }

  @Test
  void pageOfTheLayoutsHasEveryName() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "datasets.md"));
    for (String name : DataSets.names()) {
      assertThat(page).contains("`" + name + "`");
    }
  }
}
