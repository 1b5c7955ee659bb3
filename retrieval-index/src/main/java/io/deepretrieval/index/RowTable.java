// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an index that changes.
 *
 * <p>A writer publishes a new {@link Rows} for each change; a reader pins the one it found and
 * never waits for a writer. Storage that the latest state no longer has is freed when the last
 * reader of an older state is done. Two neighboring blocks whose live rows fit in one are merged,
 * so more than about half of the storage is in use; since each merge ends a block that took a full
 * block of additions to make, the copying is constant work per addition.
 */
final class RowTable {
  /** A state that a reader holds on to. */
  final class Pin implements AutoCloseable {
    final Rows rows;
    private final long version;

    private Pin(Rows rows, long version) {
      this.rows = rows;
      this.version = version;
    }

    @Override
    public void close() {
      unpin(version);
    }
  }

  private record RowLocation(RowBlock.Storage storage, int row) {}

  private record Retired(long version, RowMemory memory) {}

  private final int dimension;

  /** Held by one change at a time, and while a row is read by id. */
  private final Object changes = new Object();

  private final Map<String, RowLocation> places = new HashMap<>();
  private RowBlock[] blocks = {};
  private int full;
  private @Nullable RowBlock tail;

  /** Held for a moment only; taken inside {@link #changes}, never the other way round. */
  private final Object states = new Object();

  private final TreeMap<Long, Integer> pins = new TreeMap<>();
  private final Deque<Retired> retired = new ArrayDeque<>();
  private Rows current = Rows.NONE;
  private long version;
  private boolean closed;

  RowTable(int dimension) {
    this.dimension = dimension;
  }

  /**
   * Holds the current state.
   *
   * @throws IllegalStateException if the table is closed
   */
  Pin pin() {
    synchronized (states) {
      requireOpen();
      pins.merge(version, 1, Integer::sum);
      return new Pin(current, version);
    }
  }

  int size() {
    synchronized (states) {
      return current.live();
    }
  }

  Optional<float[]> row(String id) {
    synchronized (changes) {
      requireOpenState();
      RowLocation place = places.get(id);
      if (place == null) {
        return Optional.empty();
      }
      place.storage().memory.requireSound();
      float[] values = new float[dimension];
      place.storage().memory.floats().get(place.row() * dimension, values);
      return Optional.of(values);
    }
  }

  /**
   * Appends a row.
   *
   * @return false if the id is present
   */
  boolean add(String id, float[] values, double norm) {
    synchronized (changes) {
      requireOpenState();
      if (places.containsKey(id)) {
        return false;
      }
      RowBlock block = tail == null ? RowBlock.empty(dimension) : tail;
      block.storage.ordinal = full;
      places.put(id, new RowLocation(block.storage, block.rows));
      tail = block.append(id, values, norm);
      List<RowMemory> freed = new ArrayList<>();
      if (tail.isFull()) {
        if (full == blocks.length) {
          blocks = Arrays.copyOf(blocks, 2 * full + 4);
        }
        blocks[full++] = tail;
        tail = null;
        shrink(full - 1, freed);
      }
      publish(freed);
      return true;
    }
  }

  /**
   * Removes a row.
   *
   * @return false if there is none of that id
   */
  boolean remove(String id) {
    synchronized (changes) {
      requireOpenState();
      RowLocation place = places.remove(id);
      if (place == null) {
        return false;
      }
      int at = place.storage().ordinal;
      List<RowMemory> freed = new ArrayList<>();
      if (at == full) {
        RowBlock left = block(at).without(place.row());
        tail = left.live == 0 ? null : left;
        if (left.live == 0) {
          freed.add(left.storage.memory);
        }
      } else {
        blocks = blocks.clone(); // Published states keep theirs.
        blocks[at] = blocks[at].without(place.row());
        shrink(at, freed);
      }
      publish(freed);
      return true;
    }
  }

  /** Frees everything that no reader holds, the rest when they are done. */
  void close() {
    synchronized (changes) {
      synchronized (states) {
        if (closed) {
          return;
        }
        closed = true;
      }
      List<RowMemory> freed = new ArrayList<>();
      for (int i = 0; i < full; i++) {
        freed.add(blocks[i].storage.memory);
      }
      if (tail != null) {
        freed.add(tail.storage.memory);
      }
      blocks = new RowBlock[0];
      full = 0;
      tail = null;
      places.clear();
      publish(freed);
    }
  }

  /** Drops a full block that is empty, or merges it with a neighbor if they fit in one. */
  private void shrink(int at, List<RowMemory> freed) {
    if (blocks[at].live == 0) {
      freed.add(blocks[at].storage.memory);
      drop(at);
      return;
    }
    int capacity = RowBlock.capacity(dimension);
    for (int first : new int[] {at - 1, at}) {
      if (first >= 0
          && first + 1 < full
          && blocks[first].live + blocks[first + 1].live <= capacity) {
        freed.add(blocks[first].storage.memory);
        freed.add(blocks[first + 1].storage.memory);
        RowBlock merged =
            copyLive(blocks[first + 1], copyLive(blocks[first], RowBlock.empty(dimension)));
        drop(first + 1);
        blocks[first] = merged;
        merged.storage.ordinal = first;
        place(merged);
        return;
      }
    }
  }

  private void drop(int at) {
    RowBlock[] fewer = new RowBlock[full - 1];
    System.arraycopy(blocks, 0, fewer, 0, at);
    System.arraycopy(blocks, at + 1, fewer, at, full - at - 1);
    blocks = fewer; // Published states keep theirs.
    full--;
    for (int i = at; i < full; i++) {
      blocks[i].storage.ordinal = i;
    }
    if (tail != null) {
      tail.storage.ordinal = full;
    }
  }

  private static RowBlock copyLive(RowBlock from, RowBlock to) {
    from.storage.memory.requireSound();
    RowBlock result = to;
    for (int row = 0; row < from.rows; row++) {
      if (from.isLive(row)) {
        result = result.append(from.storage.ids[row], from.row(row), from.storage.norms[row]);
      }
    }
    return result;
  }

  private void place(RowBlock block) {
    for (int row = 0; row < block.rows; row++) {
      places.put(block.storage.ids[row], new RowLocation(block.storage, row));
    }
  }

  private RowBlock block(int at) {
    return tail != null && at == full ? tail : blocks[at];
  }

  private void publish(List<RowMemory> freed) {
    synchronized (states) {
      current = new Rows(blocks, full, tail, places.size());
      version++;
      freed.forEach(memory -> retired.add(new Retired(version, memory)));
      reap();
    }
  }

  private void unpin(long pinned) {
    synchronized (states) {
      pins.compute(pinned, (v, count) -> count == null || count == 1 ? null : count - 1);
      reap();
    }
  }

  private void reap() {
    long oldest = pins.isEmpty() ? Long.MAX_VALUE : pins.firstKey();
    while (!retired.isEmpty() && retired.getFirst().version() <= oldest) {
      retired.removeFirst().memory().free();
    }
  }

  private void requireOpenState() {
    synchronized (states) {
      requireOpen();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("index must be open but is closed");
    }
  }
}
