// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One committed state of a store.
 *
 * <p>Format, version 2. All numbers are little-endian.
 *
 * <pre>
 * manifest               UTF-8 text, line feeds:
 *   deep-retrieval store 2
 *   recipe TEXT          the recipe's one line
 *   similarity NAME      of {@link Similarity}
 *   dimension D
 *   generation G         number of commits
 *   next N               number of the next segment
 *   segment NAME ROWS LIVE ROWS-SUM INFO-SUM DEAD-FILE DEAD-SUM
 *                        one line a segment, in order of insertion; NAME is segment-NNNNNN; sums are
 *                        8 hexadecimal digits; "- -" in the place of the dead if no row is removed
 *   crc XXXXXXXX         CRC32C of all bytes above this line
 * NAME.rows              checked file of: float32 [ROWS,D]
 * NAME.info              checked file of: float64 [ROWS], the Euclidean length of each row;
 *                        for each row its id: int32 length in bytes, UTF-8;
 *                        for each row its metadata: int32 length in bytes of what follows, and for
 *                        each entry the key and the value: int32 length in bytes, UTF-8
 * NAME.dead-G            checked file of: int64 [ceil(ROWS/64)], bit r % 64 of word r / 64 is 1 if
 *                        row r is removed
 * lock                   UTF-8 text: pid, host and time of the writer; locked while it is open
 * checked file           payload of n bytes; CRC32C of each 4,096 bytes of it, int32 each; n as
 *                        int64; the sum: CRC32C as int32 of the bytes from n to here, which the
 *                        manifest repeats
 * </pre>
 *
 * <p>Version 1 is read too: its first line ends in 1, there are no lines {@code generation} and
 * {@code next}, and a segment is {@code segment NAME ROWS CRC-OF-ROWS CRC-OF-IDS} with plain files
 * {@code NAME.rows}, as above, and {@code NAME.ids}, for each row int32 length and UTF-8. In a
 * manifest of version 2 the line of such a segment begins with {@code old}.
 *
 * @param generation number of commits; 0 in version 1, which does not count them
 * @param next number of the next segment
 * @param segments in order of insertion
 */
record StoreManifest(
    Recipe recipe,
    Similarity similarity,
    int dimension,
    long generation,
    int next,
    List<Segment> segments) {
  static final String FILE = "manifest";
  private static final String LINE_OF_1 = "deep-retrieval store 1";
  private static final String LINE_OF_2 = "deep-retrieval store 2";

  /** Files of which each name is used once in the life of a store, so that they can be deleted. */
  private static final String OWN_FILE =
      "segment-\\d+\\.(rows|ids|info|dead-\\d+)(\\.tmp)?|manifest\\.tmp";

  /**
   * Immutable rows.
   *
   * @param old true for the files of version 1
   * @param rowsSum of the file of rows
   * @param infoSum of the file of ids and, in version 2, of norms and metadata
   * @param dead which rows are removed; empty for none
   */
  record Segment(
      String name, boolean old, int rows, int live, int rowsSum, int infoSum, Optional<Dead> dead) {

    String rowsFile() {
      return name + ".rows";
    }

    String infoFile() {
      return name + (old ? ".ids" : ".info");
    }

    List<String> files() {
      List<String> files = new ArrayList<>(List.of(rowsFile(), infoFile()));
      dead.ifPresent(d -> files.add(d.file()));
      return files;
    }

    Segment without(int liveLeft, Dead marks) {
      return new Segment(name, old, rows, liveLeft, rowsSum, infoSum, Optional.of(marks));
    }
  }

  /** The file of the marks of removed rows, and its sum. */
  record Dead(String file, int sum) {}

  StoreManifest {
    segments = List.copyOf(segments);
  }

  /** Names of all files that this state needs. */
  Set<String> files() {
    Set<String> files = new HashSet<>(Set.of(FILE, StoreLock.FILE));
    segments.forEach(segment -> files.addAll(segment.files()));
    return files;
  }

  /** Says whether a file has a name that only the store gives. */
  static boolean isOwn(String name) {
    return name.matches(OWN_FILE);
  }

  static String segmentName(int number) {
    return String.format(Locale.ROOT, "segment-%06d", number);
  }

  long rows() {
    return segments.stream().mapToLong(Segment::live).sum();
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder(LINE_OF_2).append('\n');
    text.append("recipe ").append(recipe).append('\n');
    text.append("similarity ").append(similarity).append('\n');
    text.append("dimension ").append(dimension).append('\n');
    text.append("generation ").append(generation).append('\n');
    text.append("next ").append(next).append('\n');
    for (Segment s : segments) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s %s %d %d %08x %08x %s\n",
              s.old ? "old" : "segment",
              s.name,
              s.rows,
              s.live,
              s.rowsSum,
              s.infoSum,
              s.dead.map(d -> String.format(Locale.ROOT, "%s %08x", d.file, d.sum)).orElse("- -")));
    }
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
    byte[] last = crcLine(body).getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(body.length + last.length).put(body).put(last).array();
  }

  private static String crcLine(byte[] body) {
    return String.format(Locale.ROOT, "crc %08x\n", CheckedFile.crc(ByteBuffer.wrap(body)));
  }

  /**
   * Reads the state that a directory is in.
   *
   * @throws java.nio.file.NoSuchFileException if there is no store
   * @throws CorruptStoreException if the file is damaged
   */
  static StoreManifest read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    byte[] bytes = Files.readAllBytes(file);
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptStoreException(file, 0, "it must be UTF-8");
    }
    int end = text.lastIndexOf("crc ");
    String body = end < 0 ? "" : text.substring(0, end);
    byte[] bodyBytes = body.getBytes(StandardCharsets.UTF_8);
    String last = crcLine(bodyBytes);
    if (end < 0 || !text.substring(end).equals(last)) {
      throw new CorruptStoreException(
          file, 0, "its last line must be '" + last.strip() + "' by what is above it");
    }
    String[] lines = body.split("\n", -1);
    boolean old = lines[0].equals(LINE_OF_1);
    if (!old && !lines[0].equals(LINE_OF_2)) {
      throw new IOException(
          "store file "
              + file
              + " must begin with '"
              + LINE_OF_2
              + "' or '"
              + LINE_OF_1
              + "' but begins with '"
              + lines[0]
              + "'");
    }
    try {
      return old ? parse1(lines) : parse2(lines);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("store file " + file + " must be a manifest but is not", e);
    }
  }

  private static StoreManifest parse1(String[] lines) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 4; i < lines.length - 1; i++) {
      String[] parts = lines[i].split(" ", -1);
      int rows = Integer.parseInt(parts[2]);
      segments.add(
          new Segment(parts[1], true, rows, rows, sum(parts[3]), sum(parts[4]), Optional.empty()));
    }
    return new StoreManifest(
        Recipe.parse(value(lines[1], "recipe")),
        Similarity.valueOf(value(lines[2], "similarity")),
        Integer.parseInt(value(lines[3], "dimension")),
        0,
        segments.size() + 1,
        segments);
  }

  private static StoreManifest parse2(String[] lines) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 6; i < lines.length - 1; i++) {
      String[] parts = lines[i].split(" ", -1);
      segments.add(
          new Segment(
              parts[1],
              parts[0].equals("old"),
              Integer.parseInt(parts[2]),
              Integer.parseInt(parts[3]),
              sum(parts[4]),
              sum(parts[5]),
              parts[6].equals("-")
                  ? Optional.empty()
                  : Optional.of(new Dead(parts[6], sum(parts[7])))));
    }
    return new StoreManifest(
        Recipe.parse(value(lines[1], "recipe")),
        Similarity.valueOf(value(lines[2], "similarity")),
        Integer.parseInt(value(lines[3], "dimension")),
        Long.parseLong(value(lines[4], "generation")),
        Integer.parseInt(value(lines[5], "next")),
        segments);
  }

  private static int sum(String hexadecimal) {
    return Integer.parseUnsignedInt(hexadecimal, 16);
  }

  private static String value(String line, String name) {
    if (!line.startsWith(name + " ")) {
      throw new IllegalArgumentException("line must begin with " + name + " but is " + line);
    }
    return line.substring(name.length() + 1);
  }
}
