// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.eval.dataset.DataSets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Published results as data: a table of commas, a row a recipe, a column a data set.
 *
 * <pre>
 * id          name of the row and of its weights; :single for one checkpoint by convention
 * network, pooling, dimension, loss, training   the recipe
 * checkpoint  single: one for all columns; best: each column may have one of its own
 * file        how the name of a published checkpoint begins; may be empty
 * source      where the values are from
 * note        what else must be known; may be empty
 * NAME or NAME/PROTOCOL, any number   mean average precision, 0 to 1; empty for none
 * </pre>
 *
 * @param name where it was read from
 * @param rows in their order
 */
public record ResultTable(String name, List<ResultTable.Row> rows) {
  /** Name of the table that the library comes with. */
  public static final String SEED = "seed";

  private static final List<String> PARTS =
      List.of(
          "id",
          "network",
          "pooling",
          "dimension",
          "loss",
          "training",
          "checkpoint",
          "file",
          "source",
          "note");

  /**
   * Copies the rows.
   *
   * @param name where it was read from
   * @param rows in their order (copied)
   */
  public ResultTable {
    rows = List.copyOf(rows);
  }

  /**
   * A data set and a protocol of it.
   *
   * @param dataSet name of the data set
   * @param protocol name of the protocol; empty for the first of the data set
   */
  public record Column(String dataSet, String protocol) {
    @Override
    public String toString() {
      return protocol.isEmpty() ? dataSet : dataSet + "/" + protocol;
    }
  }

  /**
   * A recipe and what was published for it.
   *
   * @param id name of the row and of its weights
   * @param network name of the backbone
   * @param pooling name of the pooling
   * @param dimension of the descriptors
   * @param loss what it was trained with; may be empty
   * @param training what it was trained on; may be empty
   * @param single whether one checkpoint serves all columns
   * @param file how the name of a published checkpoint begins; may be empty
   * @param source where the values are from
   * @param note what else must be known; may be empty
   * @param published mean average precision by column, in the order of the table
   */
  public record Row(
      String id,
      String network,
      String pooling,
      int dimension,
      String loss,
      String training,
      boolean single,
      String file,
      String source,
      String note,
      Map<Column, Double> published) {
    /**
     * Keeps the columns in their order.
     *
     * @param id name of the row and of its weights
     * @param network name of the backbone
     * @param pooling name of the pooling
     * @param dimension of the descriptors
     * @param loss what it was trained with
     * @param training what it was trained on
     * @param single whether one checkpoint serves all columns
     * @param file how the name of a published checkpoint begins
     * @param source where the values are from
     * @param note what else must be known
     * @param published mean average precision by column (copied)
     */
    public Row {
      published = Collections.unmodifiableMap(new LinkedHashMap<>(published));
    }
  }

  /**
   * Reads the table that the library comes with, or any from a file.
   *
   * @param nameOrFile {@link #SEED} or the path of a file
   * @return the table
   * @throws IOException if it cannot be read or is damaged; the message begins with its name and
   *     the line
   */
  public static ResultTable read(String nameOrFile) throws IOException {
    if (nameOrFile.equals(SEED)) {
      try (InputStream in = ResultTable.class.getResourceAsStream("seed.csv")) {
        if (in == null) {
          throw new IOException("the table 'seed' must be in the library but is not");
        }
        return read(SEED, new InputStreamReader(in, StandardCharsets.UTF_8));
      }
    }
    try (BufferedReader in = Files.newBufferedReader(Path.of(nameOrFile))) {
      return read(nameOrFile, in);
    }
  }

  private static ResultTable read(String name, Reader text) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(true).setTrim(true).get();
    List<Row> rows = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (CSVParser parser = CSVParser.parse(text, format)) {
      List<String> header = List.of();
      for (CSVRecord line : parser) {
        String location = name + ":" + parser.getCurrentLineNumber();
        if (header.isEmpty()) {
          header = line.toList();
          if (header.size() < PARTS.size() || !header.subList(0, PARTS.size()).equals(PARTS)) {
            throw new IOException(
                location + ": columns must begin with " + PARTS + " but are " + header);
          }
          continue;
        }
        if (line.size() != header.size()) {
          throw new IOException(
              location + ": line must have " + header.size() + " fields but has " + line.size());
        }
        Row row = row(line, header, location);
        if (!ids.add(row.id)) {
          throw new IOException(
              location + ": row '" + row.id + "' must be there once but is twice");
        }
        rows.add(row);
      }
    }
    if (rows.isEmpty()) {
      throw new IOException(name + ": table must have a row but has none");
    }
    return new ResultTable(name, rows);
  }

  private static Row row(CSVRecord line, List<String> header, String location) throws IOException {
    for (String required : List.of("id", "network", "pooling", "source")) {
      if (line.get(PARTS.indexOf(required)).isEmpty()) {
        throw new IOException(location + ": " + required + " must not be empty");
      }
    }
    String checkpoint = line.get(6);
    if (!checkpoint.equals("single") && !checkpoint.equals("best")) {
      throw new IOException(
          location + ": checkpoint must be single or best but was '" + checkpoint + "'");
    }
    Map<Column, Double> published = new LinkedHashMap<>();
    for (int i = PARTS.size(); i < header.size(); i++) {
      String[] column = header.get(i).split("/", 2);
      if (!DataSets.names().contains(column[0])) {
        throw new IOException(
            location
                + ": column must be a data set but was '"
                + column[0]
                + "'; known: "
                + String.join(", ", DataSets.names()));
      }
      if (!line.get(i).isEmpty()) {
        double value = number(line.get(i), header.get(i), location);
        if (!(value >= 0 && value <= 1)) {
          throw new IOException(
              location + ": " + header.get(i) + " must be in [0, 1] but was " + line.get(i));
        }
        published.put(new Column(column[0], column.length == 1 ? "" : column[1]), value);
      }
    }
    return new Row(
        line.get(0),
        line.get(1),
        line.get(2),
        (int) number(line.get(3), "dimension", location),
        line.get(4),
        line.get(5),
        checkpoint.equals("single"),
        line.get(7),
        line.get(8),
        line.get(9),
        published);
  }

  private static double number(String text, String what, String location) throws IOException {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IOException(location + ": " + what + " must be a number but was '" + text + "'", e);
    }
  }
}
