// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A graph on disk, in the directory {@code graph} of its store. All numbers are little-endian; a
 * checked file is what {@link DescriptorStore} says.
 *
 * <pre>
 * manifest     UTF-8 text, line feeds:
 *   deep-retrieval graph 1
 *   state XXXXXXXX       CRC32C of the manifest of the store that the graph was built for
 *   beam B               least beam of a search
 *   exact-below N        fewer vectors are searched exactly
 *   file NAME XXXXXXXX   a file and its sum, one line each
 *   crc XXXXXXXX         CRC32C of all bytes above this line
 * levels       checked file of: int32 N, D, L links at most, level and node of the entry (-1 without
 *              nodes), number of upper levels; for each level int32 number of its nodes and for each
 *              node int32 node, int32 number of links, int32 links
 * links-W      checked file of: for each node of window W int32 number of links, int32 [L] links,
 *              int32 the next node of the same vector or -1; only the first of such nodes has links;
 *              a window has floor(2^30 / (4 (L + 2))) nodes
 * codes        checked file of: int32 D, m; float32 [256, d_p] centroids for each of the m parts,
 *              part p has the components from floor(p D / m); uint8 [N,m] codes. Only with codes
 * </pre>
 *
 * <p>A node is a live row; nodes are numbered in order of insertion.
 */
final class GraphFiles {
  private static final String DIRECTORY = "graph";
  private static final String FIRST_LINE = "deep-retrieval graph 1";

  private GraphFiles() {}

  static void write(Path store, StoreReader reader, GraphIndex index, int beam, int exactBelow)
      throws IOException {
    Path directory = store.resolve(DIRECTORY);
    Files.createDirectories(directory);
    // First of all, so that a half-written graph is none.
    Files.deleteIfExists(directory.resolve(StoreManifest.FILE));
    Map<String, Integer> sums = new LinkedHashMap<>(index.links().write(directory));
    GraphCodes codes = index.codes();
    if (codes != null) {
      try (CheckedFile.Writer out = new CheckedFile.Writer(directory.resolve("codes"))) {
        codes.write(out);
        sums.put("codes", out.finish());
      }
    }
    AtomicFiles.forceDirectory(directory);
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    text.append(String.format(Locale.ROOT, "state %08x\n", reader.state()));
    text.append("beam ").append(beam).append('\n');
    text.append("exact-below ").append(exactBelow).append('\n');
    sums.forEach(
        (name, sum) -> text.append(String.format(Locale.ROOT, "file %s %08x\n", name, sum)));
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    text.append(crcLine(body));
    CheckedFile.replace(
        directory.resolve(StoreManifest.FILE), text.toString().getBytes(StandardCharsets.UTF_8));
    AtomicFiles.forceDirectory(directory);
  }

  private static String crcLine(byte[] body) {
    return String.format(Locale.ROOT, "crc %08x\n", CheckedFile.crc(ByteBuffer.wrap(body)));
  }

  static GraphIndex open(Path store, int threads) throws IOException {
    Path directory = store.resolve(DIRECTORY);
    Path file = directory.resolve(StoreManifest.FILE);
    String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException("store must have a graph but there is none in " + store, e);
    }
    int end = text.lastIndexOf("crc ");
    byte[] body = text.substring(0, Math.max(0, end)).getBytes(StandardCharsets.ISO_8859_1);
    if (end < 0 || !text.substring(end).equals(crcLine(body))) {
      throw new CorruptStoreException(file, 0, "its last line must be the checksum of the others");
    }
    if (!text.startsWith(FIRST_LINE + "\n")) {
      throw new IOException("graph file " + file + " must begin with '" + FIRST_LINE + "'");
    }
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, Integer> sums = new LinkedHashMap<>();
    for (String line : text.substring(0, end).lines().skip(1).toList()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("file")) {
        sums.put(words[1], Integer.parseUnsignedInt(words[2], 16));
      } else {
        values.put(words[0], words[1]);
      }
    }
    StoreReader reader = StoreReader.open(store, threads);
    try {
      String state = String.format(Locale.ROOT, "%08x", reader.state());
      if (!state.equals(values.get("state"))) {
        throw new IOException(
            "graph must be of the last commit but the store has changed since: " + store);
      }
      GraphRows rows =
          new GraphRows(reader.rows(), reader.similarity(), reader.dimension(), RowKernels.best());
      AdjacencyFile links = AdjacencyFile.open(directory, sums);
      GraphCodes codes = null;
      if (sums.containsKey("codes")) {
        ByteBuffer in =
            CheckedFile.map(directory.resolve("codes"), sums.getOrDefault("codes", 0)).checked();
        codes = GraphCodes.read(in, rows.size());
      }
      return new GraphIndex(
          reader,
          () -> {},
          rows,
          links,
          codes,
          Integer.parseInt(values.getOrDefault("beam", "64")),
          Integer.parseInt(values.getOrDefault("exact-below", "1000")),
          threads);
    } catch (NoSuchFileException e) {
      reader.close();
      throw StoreReader.missing(e);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }
}
