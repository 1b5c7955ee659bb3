// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.NodesIterator;
import io.github.jbellis.jvector.graph.similarity.ScoreFunction;
import io.github.jbellis.jvector.util.Bits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A finished graph as a table of links outside the heap, in memory or mapped. Any number of bytes:
 * the table is cut into windows of whole nodes.
 *
 * <p>JVector's own file holds the vectors once more, and its reader for JDK 17 is slow and wrong at
 * the edges of 2 GB; this table has neither.
 *
 * <p>Immutable and thread-safe.
 */
final class AdjacencyFile implements ImmutableGraphIndex {
  private static final int WINDOW_BYTES = 1 << 30;

  private final int nodes;
  private final int dimension;
  private final int degree;
  private final int windowNodes;
  private final IntBuffer[] base;
  private final List<Map<Integer, int[]>> upper;
  private final @Nullable NodeAtLevel entry;

  private AdjacencyFile(
      int nodes,
      int dimension,
      int degree,
      int windowNodes,
      IntBuffer[] base,
      List<Map<Integer, int[]>> upper,
      @Nullable NodeAtLevel entry) {
    this.nodes = nodes;
    this.dimension = dimension;
    this.degree = degree;
    this.windowNodes = windowNodes;
    this.base = base;
    this.upper = upper;
    this.entry = entry;
  }

  private static int windowNodes(int degree) {
    return WINDOW_BYTES / (4 * (degree + 2));
  }

  /**
   * Copies a graph that was built on the heap.
   *
   * @param next for each node the next one of the same vector, -1 for none
   * @param copies the nodes that are no part of the graph
   */
  static AdjacencyFile copyOf(ImmutableGraphIndex graph, int[] next, BitSet copies)
      throws IOException {
    int nodes = next.length;
    int degree = graph.getDegree(0);
    int window = windowNodes(degree);
    IntBuffer[] base = new IntBuffer[(nodes + window - 1) / window];
    List<Map<Integer, int[]>> upper = new ArrayList<>();
    NodeAtLevel entry;
    try (View view = graph.getView()) {
      entry = view.entryNode();
      for (int w = 0; w < base.length; w++) {
        int count = Math.min(window, nodes - w * window);
        base[w] =
            ByteBuffer.allocateDirect(4 * (degree + 2) * count)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer();
        for (int i = 0; i < count; i++) {
          int at = i * (degree + 2);
          int n = 0;
          base[w].put(at + degree + 1, next[w * window + i]);
          if (copies.get(w * window + i)) {
            continue;
          }
          for (NodesIterator it = view.getNeighborsIterator(0, w * window + i); it.hasNext(); ) {
            base[w].put(at + ++n, it.nextInt());
          }
          base[w].put(at, n);
        }
      }
      for (int level = 1; level <= graph.getMaxLevel(); level++) {
        Map<Integer, int[]> links = new HashMap<>();
        for (NodesIterator it = graph.getNodes(level); it.hasNext(); ) {
          int node = it.nextInt();
          NodesIterator neighbors = view.getNeighborsIterator(level, node);
          int[] list = new int[neighbors.size()];
          for (int i = 0; i < list.length; i++) {
            list[i] = neighbors.nextInt();
          }
          links.put(node, list);
        }
        upper.add(links);
      }
    }
    return new AdjacencyFile(nodes, graph.getDimension(), degree, window, base, upper, entry);
  }

  /**
   * Writes the table.
   *
   * @return names and sums of the files, in order
   */
  Map<String, Integer> write(Path directory) throws IOException {
    Map<String, Integer> sums = new LinkedHashMap<>();
    try (CheckedFile.Writer out = new CheckedFile.Writer(directory.resolve("levels"))) {
      out.putInt(nodes);
      out.putInt(dimension);
      out.putInt(degree);
      out.putInt(entry == null ? -1 : entry.level);
      out.putInt(entry == null ? -1 : entry.node);
      out.putInt(upper.size());
      for (Map<Integer, int[]> links : upper) {
        out.putInt(links.size());
        for (int node : links.keySet().stream().sorted().toList()) {
          int[] list = links.getOrDefault(node, new int[0]);
          out.putInt(node);
          out.putInt(list.length);
          for (int neighbor : list) {
            out.putInt(neighbor);
          }
        }
      }
      sums.put("levels", out.finish());
    }
    for (int w = 0; w < base.length; w++) {
      try (CheckedFile.Writer out = new CheckedFile.Writer(directory.resolve("links-" + w))) {
        for (int i = 0; i < base[w].capacity(); i++) {
          out.putInt(base[w].get(i));
        }
        sums.put("links-" + w, out.finish());
      }
    }
    return sums;
  }

  /** Maps a table that was written; checks every byte of it. */
  static AdjacencyFile open(Path directory, Map<String, Integer> sums) throws IOException {
    ByteBuffer in =
        CheckedFile.map(directory.resolve("levels"), sums.getOrDefault("levels", 0)).checked();
    int nodes = in.getInt();
    int dimension = in.getInt();
    int degree = in.getInt();
    int level = in.getInt();
    int node = in.getInt();
    int levels = in.getInt();
    List<Map<Integer, int[]>> upper = new ArrayList<>();
    for (int l = 0; l < levels; l++) {
      Map<Integer, int[]> links = new HashMap<>();
      for (int count = in.getInt(); count > 0; count--) {
        int from = in.getInt();
        int[] list = new int[in.getInt()];
        for (int i = 0; i < list.length; i++) {
          list[i] = in.getInt();
        }
        links.put(from, list);
      }
      upper.add(links);
    }
    int window = windowNodes(degree);
    IntBuffer[] base = new IntBuffer[(nodes + window - 1) / window];
    for (int w = 0; w < base.length; w++) {
      String name = "links-" + w;
      base[w] =
          CheckedFile.map(directory.resolve(name), sums.getOrDefault(name, 0))
              .checked()
              .asIntBuffer();
    }
    return new AdjacencyFile(
        nodes,
        dimension,
        degree,
        window,
        base,
        upper,
        level < 0 ? null : new NodeAtLevel(level, node));
  }

  /** The next node of the same vector, in order of insertion; -1 for none. */
  int next(int node) {
    return base[node / windowNodes].get(node % windowNodes * (degree + 2) + degree + 1);
  }

  long bytes() {
    long bytes = 0;
    for (IntBuffer window : base) {
      bytes += 4L * window.capacity();
    }
    return bytes;
  }

  private int[] links(int level, int node) {
    return upper.get(level - 1).getOrDefault(node, new int[0]);
  }

  private final class TableView implements View {
    @Override
    public NodesIterator getNeighborsIterator(int level, int node) {
      if (level > 0) {
        return iterator(links(level, node));
      }
      IntBuffer window = base[node / windowNodes];
      int at = node % windowNodes * (degree + 2);
      int[] list = new int[window.get(at)];
      window.get(at + 1, list);
      return iterator(list);
    }

    @Override
    public void processNeighbors(
        int level, int node, ScoreFunction scores, IntMarker visited, NeighborProcessor processor) {
      if (level > 0) {
        for (int neighbor : links(level, node)) {
          if (visited.mark(neighbor)) {
            processor.process(neighbor, scores.similarityTo(neighbor));
          }
        }
        return;
      }
      IntBuffer window = base[node / windowNodes];
      int at = node % windowNodes * (degree + 2);
      for (int i = at + window.get(at); i > at; i--) {
        int neighbor = window.get(i);
        if (visited.mark(neighbor)) {
          processor.process(neighbor, scores.similarityTo(neighbor));
        }
      }
    }

    @Override
    @SuppressWarnings("deprecation") // Abstract all the same.
    public int size() {
      return nodes;
    }

    @Override
    public @Nullable NodeAtLevel entryNode() {
      return entry;
    }

    @Override
    public Bits liveNodes() {
      return Bits.ALL;
    }

    @Override
    public boolean contains(int level, int node) {
      return level == 0 ? node < nodes : upper.get(level - 1).containsKey(node);
    }

    @Override
    public void close() {}
  }

  private static NodesIterator iterator(int[] list) {
    PrimitiveIterator.OfInt all = Arrays.stream(list).iterator();
    return NodesIterator.fromPrimitiveIterator(all, list.length);
  }

  @Override
  public View getView() {
    return new TableView();
  }

  @Override
  public NodesIterator getNodes(int level) {
    if (level == 0) {
      return NodesIterator.fromPrimitiveIterator(IntStream.range(0, nodes).iterator(), nodes);
    }
    return iterator(upper.get(level - 1).keySet().stream().mapToInt(i -> i).sorted().toArray());
  }

  @Override
  public int maxDegree() {
    return degree;
  }

  @Override
  public List<Integer> maxDegrees() {
    List<Integer> degrees = new ArrayList<>(List.of(degree));
    upper.forEach(links -> degrees.add(degree));
    return degrees;
  }

  @Override
  public int getDimension() {
    return dimension;
  }

  @Override
  public void close() {}

  @Override
  public boolean isHierarchical() {
    return !upper.isEmpty();
  }

  @Override
  public int getMaxLevel() {
    return upper.size();
  }

  @Override
  public int getDegree(int level) {
    return degree;
  }

  @Override
  public double getAverageDegree(int level) {
    long sum = 0;
    for (int node = 0; node < nodes && level == 0; node++) {
      sum += base[node / windowNodes].get(node % windowNodes * (degree + 2));
    }
    if (level > 0) {
      sum = upper.get(level - 1).values().stream().mapToLong(list -> list.length).sum();
    }
    return size(level) == 0 ? 0 : (double) sum / size(level);
  }

  @Override
  public int size(int level) {
    return level == 0 ? nodes : upper.get(level - 1).size();
  }

  @Override
  public long ramBytesUsed() {
    return bytes();
  }
}
