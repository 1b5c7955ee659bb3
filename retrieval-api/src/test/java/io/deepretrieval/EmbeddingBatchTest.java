// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class EmbeddingBatchTest {
  private static final double[] VALUES = {1, 2, 3, 4, 5, 6};
  private static final int[] LABELS = {7, 8};

  @Test
  void readsWhatWasGiven() {
    double[] values = VALUES.clone();
    int[] labels = LABELS.clone();
    EmbeddingBatch batch = EmbeddingBatch.copyOf(3, values, labels);
    values[0] = 9;
    labels[0] = 9;
    batch.toArray()[1] = 9;
    batch.labels()[1] = 9;
    assertThat(batch.toArray()).isEqualTo(VALUES);
    assertThat(batch.labels()).isEqualTo(LABELS);
    assertThat(batch.size()).isEqualTo(2);
    assertThat(batch.dimension()).isEqualTo(3);
    assertThat(batch.at(1, 0)).isEqualTo(4);
    assertThat(batch.label(1)).isEqualTo(8);
    assertThat(batch).hasToString("EmbeddingBatch[2,3]");
  }

  @Test
  void floatsAndWhatIsNotFiniteAreTaken() {
    EmbeddingBatch batch = EmbeddingBatch.copyOf(2, new float[] {0.1f, Float.NaN}, new int[] {0});
    assertThat(batch.at(0, 0)).isEqualTo((double) 0.1f);
    assertThat(batch.at(0, 1)).isNaN();
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> EmbeddingBatch.copyOf(0, VALUES, LABELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("embedding batch [N,D] must be at least [1,1] but was [2,0]");
    assertThatThrownBy(() -> EmbeddingBatch.copyOf(3, new float[0], new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("embedding batch [N,D] must be at least [1,1] but was [0,3]");
    assertThatThrownBy(() -> EmbeddingBatch.copyOf(4, VALUES, LABELS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("embedding batch [2,4] must have 8 values but had 6");
  }

  @Test
  void placesOutsideAreRefused() {
    EmbeddingBatch batch = EmbeddingBatch.copyOf(3, VALUES, LABELS);
    assertThatThrownBy(() -> batch.at(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.at(0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.label(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void equalByContent() {
    EmbeddingBatch batch = EmbeddingBatch.copyOf(3, VALUES, LABELS);
    assertThat(batch)
        .isEqualTo(EmbeddingBatch.copyOf(3, new float[] {1, 2, 3, 4, 5, 6}, LABELS))
        .hasSameHashCodeAs(EmbeddingBatch.copyOf(3, VALUES, LABELS))
        .isNotEqualTo(EmbeddingBatch.copyOf(3, VALUES, new int[] {7, 7}))
        .isNotEqualTo(EmbeddingBatch.copyOf(3, new double[6], LABELS))
        .isNotEqualTo(EmbeddingBatch.copyOf(2, VALUES, new int[] {7, 8, 9}))
        .isNotEqualTo(LABELS);
  }
}
