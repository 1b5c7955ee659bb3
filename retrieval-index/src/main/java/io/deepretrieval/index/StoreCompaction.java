// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.util.List;

/** What a compaction rewrites: the live rows of all segments, in order of insertion. */
final class StoreCompaction {
  private StoreCompaction() {}

  /** Says whether a rewrite would change nothing. */
  static boolean isCompact(List<StoredSegment> segments) {
    boolean whole = segments.size() < 2;
    for (StoredSegment segment : segments) {
      whole &= segment.segment().live() == segment.rows() && !segment.segment().old();
    }
    return whole;
  }

  /**
   * Copies the live rows, after a check of each.
   *
   * @throws java.io.UncheckedIOException if a vector is damaged
   */
  static void copyLive(List<StoredSegment> segments, SegmentSequence out) throws IOException {
    for (StoredSegment segment : segments) {
      for (int row = 0; row < segment.rows(); row++) {
        if (segment.isLive(row)) {
          out.add(segment.id(row), segment.vector(row), segment.norm(row), segment.metadata(row));
        }
      }
    }
  }
}
