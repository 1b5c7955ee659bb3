// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads data sets from disk by name.
 *
 * <dl>
 *   <dt>{@code groups}
 *   <dd>Your own pictures. {@code root/list.tsv}: a line of column names and a line for each
 *       picture, fields parted by tabs. Columns, in any order: {@code image} (file name under
 *       {@code root/jpg}, or under {@code root} if there is no such directory; the ending may be
 *       left out), {@code group} (pictures of the same thing; {@code -} for none), {@code role}
 *       ({@code query}, {@code database} or {@code both}). Further columns are not looked at. The
 *       right answers to a query are the database pictures of its group, all good, without itself:
 *       a query of role {@code both} is junk to itself. A database picture of group {@code -} is
 *       never right. A query without a right answer is read and later skipped and counted.
 *   <dt>{@code oxford5k}
 *   <dd>Oxford Buildings: the pictures in {@code root/jpg} or flat in {@code root}, all of them the
 *       database, by name; the ground truth {@code <landmark>_<n>_{query,good,ok,junk}.txt} in
 *       {@code root/gt} or in {@code root}. The query file has one line {@code image x1 y1 x2 y2},
 *       the corners of the query box in pixels; the prefix {@code oxc1_} of a name is dropped. The
 *       query itself is among the right answers and stays in the database: the classic protocol.
 * </dl>
 *
 * <p>Tolerated: lines that end with CR LF or CR, a byte order mark, blank lines, blanks around
 * fields, a file without a last line break, text in Latin-1 where it is not UTF-8, files that begin
 * with a dot, a name twice in one ground-truth file of Oxford, and a query box that reaches over
 * the border of its picture (it is cut there when it is used). All else that does not fit is a
 * {@link DataSetException} that names file and line: a picture that is missing or there with two
 * endings, a name of the ground truth that is not in the database, a picture listed twice, a
 * picture judged in two ways, a missing or doubled column, an unknown role, a query box that is
 * empty, negative or beyond its picture, a name that leads out of the directory.
 */
public final class DataSets {
  /** Reads one layout. */
  @FunctionalInterface
  private interface Reader {
    RetrievalDataSet read(Path root) throws IOException;
  }

  private static final Map<String, Reader> READERS =
      Map.of("groups", GroupsReader::read, "oxford5k", OxfordReader::read);

  private DataSets() {}

  /**
   * Returns the names that {@link #read} knows.
   *
   * @return sorted by name
   */
  public static List<String> names() {
    return READERS.keySet().stream().sorted().toList();
  }

  /**
   * Reads a data set.
   *
   * @param name one of {@link #names}
   * @param root its directory
   * @return the data set; every picture is there, but none was decoded
   * @throws IllegalArgumentException if the name is unknown; the message lists the known ones
   * @throws DataSetException if something in the directory is missing or damaged; the message names
   *     file and line
   * @throws IOException if a file cannot be read
   */
  public static RetrievalDataSet read(String name, Path root) throws IOException {
    Objects.requireNonNull(root, "root");
    Reader reader = READERS.get(name);
    if (reader == null) {
      throw new IllegalArgumentException(
          "unknown data set '" + name + "'; known: " + String.join(", ", names()));
    }
    return reader.read(root);
  }
}
