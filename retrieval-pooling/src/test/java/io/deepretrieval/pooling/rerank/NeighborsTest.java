// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Descriptor;
import io.deepretrieval.testkit.Randoms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeighborsTest {
  @Test
  void areThoseOfSortingAll() {
    for (int n : new int[] {1, 2, 3, 16, 17, 53}) {
      for (int k : new int[] {1, 4, 200}) {
        Randoms randoms = Randoms.ofSeed(100 * n + k);
        List<Descriptor> vectors = new ArrayList<>(randoms.descriptors(n, 5));
        // Equal vectors, so that there are ties.
        for (int i = 7; i < n; i += 6) {
          vectors.set(i, vectors.get(i - 7));
        }
        Neighbors found = Neighbors.among(Vectors.rows(vectors), k);
        assertThat(found.size()).isEqualTo(n);
        assertThat(found.count()).isEqualTo(Math.min(k, n - 1));
        for (int i = 0; i < n; i++) {
          List<Integer> expected = Vectors.nearest(vectors, i, k);
          for (int rank = 0; rank < expected.size(); rank++) {
            int j = expected.get(rank);
            assertThat(found.row(i, rank)).as(randoms.note("n=" + n + " k=" + k)).isEqualTo(j);
            assertThat(found.similarity(i, rank)).isEqualTo(vectors.get(i).dot(vectors.get(j)));
            assertThat(found.contains(i, j)).isTrue();
          }
          assertThat(found.contains(i, i)).isFalse();
        }
      }
    }
  }

  @Test
  void ofNothingAreNone() {
    Neighbors found = Neighbors.among(new float[0][], 3);
    assertThat(found.size()).isZero();
    assertThat(found.count()).isZero();
  }
}
