// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Filter;
import io.deepretrieval.SearchRequest;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The rows that one search considers: live, and passed by the filter. A row is known by its
 * position, which grows in order of insertion.
 */
final class Selection {
  /** Which rows a search may return. */
  @FunctionalInterface
  interface RowFilter {
    /** Says whether a row may be returned; called from any thread. */
    boolean allows(RowBlock.Storage storage, int row);

    /**
     * Both filters of a request; empty for all rows.
     *
     * @param fields the metadata fields of the index; called only if the request asks about any
     * @throws IllegalArgumentException if the request asks about another field
     */
    static Optional<RowFilter> of(SearchRequest request, Supplier<Set<String>> fields) {
      Optional<RowFilter> ids =
          request.filter().map(allowed -> (storage, row) -> allowed.test(storage.ids[row]));
      if (request.where().isEmpty()) {
        return ids;
      }
      Filter where = request.where().get();
      where.requireFields(fields.get());
      RowFilter metadata = (storage, row) -> where.test(storage.metadata(row));
      return Optional.of(ids.map(first -> first.and(metadata)).orElse(metadata));
    }

    /** The rows that another filter allows as well; it is asked last. */
    default RowFilter and(RowFilter other) {
      return (storage, row) -> allows(storage, row) && other.allows(storage, row);
    }
  }

  private static final long[] ALL = {};

  private final Rows rows;
  private final int[] firstPosition;
  private final long[][] masks;
  private final int[] counts;
  private final int total;

  private Selection(Rows rows, int[] firstPosition, long[][] masks, int[] counts) {
    this.rows = rows;
    this.firstPosition = firstPosition;
    this.masks = masks;
    this.counts = counts;
    this.total = Arrays.stream(counts).sum();
  }

  static Selection of(Rows rows, Optional<RowFilter> filter, WorkerPool pool) {
    int blocks = rows.count();
    int[] first = new int[blocks];
    long[][] masks = new long[blocks][];
    int[] counts = new int[blocks];
    int position = 0;
    for (int b = 0; b < blocks; b++) {
      first[b] = position;
      position = Math.addExact(position, rows.block(b).rows);
    }
    if (filter.isPresent()) {
      RowFilter allowed = filter.get();
      pool.run(
          blocks,
          () ->
              b -> {
                masks[b] = mask(rows.block(b), allowed);
                for (long word : masks[b]) {
                  counts[b] += Long.bitCount(word);
                }
              });
    } else {
      for (int b = 0; b < blocks; b++) {
        RowBlock block = rows.block(b);
        counts[b] = block.live;
        masks[b] = block.live == block.rows ? ALL : mask(block, (storage, row) -> true);
      }
    }
    return new Selection(rows, first, masks, counts);
  }

  private static long[] mask(RowBlock block, RowFilter allowed) {
    long[] mask = new long[((block.rows - 1) >> 6) + 1];
    for (int row = 0; row < block.rows; row++) {
      if (block.isLive(row) && allowed.allows(block.storage, row)) {
        mask[row >> 6] |= 1L << row;
      }
    }
    return mask;
  }

  /** One more than the last position, of a row that is considered or not. */
  int positions() {
    int last = rows.count() - 1;
    return last < 0 ? 0 : firstPosition[last] + rows.block(last).rows;
  }

  /** How many rows are considered. */
  int total() {
    return total;
  }

  /** How many rows of a block are considered. */
  int count(int b) {
    return counts[b];
  }

  boolean has(int b, int row) {
    long[] mask = masks[b];
    return mask.length == 0 || (mask[row >> 6] & 1L << row) != 0;
  }

  /** The considered rows of a block, ascending. */
  int[] rowsOf(int b) {
    int[] which = new int[counts[b]];
    int n = 0;
    for (int row = 0; n < which.length; row++) {
      if (has(b, row)) {
        which[n++] = row;
      }
    }
    return which;
  }

  int position(int b, int row) {
    return firstPosition[b] + row;
  }

  int blockOf(int position) {
    int at = Arrays.binarySearch(firstPosition, position);
    return at >= 0 ? at : -at - 2;
  }

  int rowOf(int b, int position) {
    return position - firstPosition[b];
  }

  String id(int position) {
    int b = blockOf(position);
    return rows.block(b).storage.ids[rowOf(b, position)];
  }
}
