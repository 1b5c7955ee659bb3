// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.train.data.Sets;
import io.deepretrieval.train.data.SkippedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LoadedBatchTest {
  private static LoadedBatch batch(int... rows) {
    List<LoadedBatch.Image> images = new ArrayList<>();
    for (int row : rows) {
      images.add(new LoadedBatch.Image(row, 100 + row, row / 2, Sets.plain(1, 1, row)));
    }
    return new LoadedBatch(4, images, List.of(new SkippedImage("x", "damaged")));
  }

  private static List<Integer> rows(LoadedBatch batch) {
    return batch.images().stream().map(LoadedBatch.Image::row).toList();
  }

  @Test
  void pairsThatLackAHalfAreLeftOut() {
    LoadedBatch whole = batch(0, 1, 3, 4, 5, 6, 9).wholeGroups(2);

    assertThat(rows(whole)).containsExactly(0, 1, 4, 5);
    assertThat(whole.step()).isEqualTo(4);
    assertThat(whole.skipped()).containsExactly(new SkippedImage("x", "damaged"));
  }

  @Test
  void tuplesAreLeftOutAsAWhole() {
    assertThat(rows(batch(0, 1, 2, 4, 5, 6, 7, 8).wholeGroups(3)))
        .containsExactly(0, 1, 2, 6, 7, 8);
    assertThat(rows(batch(1, 2).wholeGroups(3))).isEmpty();
    assertThat(rows(batch().wholeGroups(3))).isEmpty();
    assertThat(rows(batch(1, 4).wholeGroups(1))).containsExactly(1, 4);
  }

  @Test
  void listsAreCopied() {
    List<SkippedImage> skipped = new ArrayList<>();
    LoadedBatch batch = new LoadedBatch(0, List.of(), skipped);
    skipped.add(new SkippedImage("x", "later"));

    assertThat(batch.skipped()).isEmpty();
  }

  @Test
  void refusesGroupsWithoutARow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch(0).wholeGroups(0))
        .withMessage("rows of a group must be >= 1 but were 0");
  }
}
