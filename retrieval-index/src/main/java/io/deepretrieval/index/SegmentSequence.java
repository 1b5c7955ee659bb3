// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes rows to as many segments as they need. */
final class SegmentSequence implements AutoCloseable {
  private final Path directory;
  private final int dimension;
  private final Set<Path> written;
  private final List<StoreManifest.Segment> done = new ArrayList<>();
  private @Nullable SegmentWriter current;
  private int number;

  /**
   * Starts without a file.
   *
   * @param number of the first segment
   * @param written (modified) receives each file before it is begun
   */
  SegmentSequence(Path directory, int dimension, int number, Set<Path> written) {
    this.directory = directory;
    this.dimension = dimension;
    this.number = number;
    this.written = written;
  }

  void add(String id, float[] values, double norm, Map<String, String> metadata)
      throws IOException {
    if (current != null && current.isFull()) {
      end();
    }
    if (current == null) {
      String name = StoreManifest.segmentName(number++);
      written.add(directory.resolve(name + ".rows"));
      written.add(directory.resolve(name + ".info"));
      current = new SegmentWriter(directory, name, dimension);
    }
    current.add(id, values, norm, metadata);
  }

  private void end() throws IOException {
    if (current != null) {
      done.add(current.finish());
      current = null;
    }
  }

  /** Ends the last segment; the caller forces the directory. */
  List<StoreManifest.Segment> finish() throws IOException {
    end();
    return done;
  }

  /** The number of the next segment. */
  int number() {
    return number;
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
    }
  }
}
