// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.pooling.RegionGrid.Region;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionGridTest {
  private static final RegionGrid THREE = new RegionGrid(3, 0.4, false);

  private static List<Integer> columns(int height, int width, int side) {
    return THREE.regions(height, width).stream()
        .filter(r -> r.height() == side)
        .map(Region::x)
        .distinct()
        .toList();
  }

  private static List<Integer> rows(int height, int width, int side) {
    return THREE.regions(height, width).stream()
        .filter(r -> r.height() == side)
        .map(Region::y)
        .distinct()
        .toList();
  }

  @Test
  void startsAreThePublishedOnes() {
    assertThat(THREE.regions(24, 32)).hasSize(20);
    assertThat(columns(24, 32, 24)).containsExactly(0, 8);
    assertThat(columns(24, 32, 16)).containsExactly(0, 8, 16);
    assertThat(rows(24, 32, 16)).containsExactly(0, 8);
    assertThat(columns(24, 32, 12)).containsExactly(0, 6, 13, 20);
    assertThat(rows(24, 32, 12)).containsExactly(0, 6, 12);
    assertThat(columns(6, 12, 4)).containsExactly(0, 2, 5, 8);
    assertThat(columns(6, 12, 3)).containsExactly(0, 2, 4, 6, 9);
    assertThat(rows(6, 12, 3)).containsExactly(0, 1, 3);
  }

  @Test
  void countsAreThePublishedOnes() {
    assertThat(THREE.regions(7, 7)).hasSize(14);
    assertThat(THREE.regions(32, 32)).hasSize(14);
    assertThat(THREE.regions(6, 12)).hasSize(26);
    assertThat(THREE.regions(8, 32)).hasSize(44);
    assertThat(THREE.regions(22, 32)).hasSize(20);
    assertThat(THREE.regions(1, 1)).containsExactly(new Region(0, 0, 1, 1));
    assertThat(new RegionGrid(3, 0.4, true).regions(22, 32))
        .hasSize(21)
        .startsWith(new Region(0, 0, 22, 32));
  }

  /**
   * Sizes at which two numbers of steps miss the overlap equally; torch 1.13 gave the right ones.
   */
  @ParameterizedTest
  @CsvSource({
    "5, 9, 1", "10, 18, 1", "15, 27, 1", "20, 36, 1", "40, 72, 1", "85, 153, 1",
    "9, 33, 4", "15, 55, 4", "3, 11, 5", "6, 22, 5", "12, 44, 5", "39, 143, 5",
    "11, 47, 6", "22, 94, 6", "33, 141, 5", "25, 61, 3", "50, 122, 3", "35, 107, 3"
  })
  void tiesAreThoseOfThePublishedProgram(int shorter, int longer, int more) {
    assertThat(columns(shorter, longer, shorter)).hasSize(1 + more);
    assertThat(rows(longer, shorter, shorter)).hasSize(1 + more);
  }

  /** Beyond the 24 bits of float32 an overlap is still compared exactly. */
  @Test
  void longMapsAreExact() {
    // (w - b)/w misses 0.4 by 0.6 - (L - w)/(s w): 0.2 at one step, 0.4 at two.
    assertThat(columns(100_000, 140_000, 100_000)).containsExactly(0, 40_000);
    // Misses of one and two steps differ by 1e-5: 0.6 - 0.8 - 1e-5 and 0.6 - 0.4 - 5e-6.
    assertThat(columns(100_000, 180_001, 100_000)).hasSize(3);
    assertThat(columns(100_000, 179_999, 100_000)).hasSize(2);
  }

  @Test
  void turningTheMapTurnsTheRegions() {
    for (int height = 1; height < 20; height++) {
      for (int width = 1; width < 40; width++) {
        List<Region> turned =
            THREE.regions(width, height).stream()
                .map(r -> new Region(r.x(), r.y(), r.width(), r.height()))
                .toList();
        assertThat(THREE.regions(height, width)).containsExactlyInAnyOrderElementsOf(turned);
      }
    }
  }

  @Test
  void regionsLieInsideAndLevelOneCoversTheMapUntilItIsVeryLong() {
    for (int height = 1; height < 20; height++) {
      for (int width = height; width <= 4 * height; width++) {
        boolean[] covered = new boolean[width];
        for (Region r : THREE.regions(height, width)) {
          assertThat(r.y()).isBetween(0, height - r.height());
          assertThat(r.x()).isBetween(0, width - r.width());
          for (int x = r.x(); r.height() == height && x < r.x() + r.width(); x++) {
            covered[x] = true;
          }
        }
        assertThat(covered).as("%d x %d", height, width).doesNotContain(false);
      }
    }
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> new RegionGrid(0, 0.4, false))
        .hasMessage("levels must be at least 1 but was 0");
    assertThatThrownBy(() -> new RegionGrid(1, Double.NaN, false))
        .hasMessage("overlap must be in [0, 1) but was NaN");
    assertThatThrownBy(() -> THREE.regions(0, 3))
        .hasMessage("map must be at least [1,1] but was [0,3]");
  }
}
