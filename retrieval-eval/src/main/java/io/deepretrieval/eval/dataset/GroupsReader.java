// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.format.TableReader;
import io.deepretrieval.format.TextFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The layout {@code groups}, described at {@link DataSets}. */
final class GroupsReader {
  private static final String NO_GROUP = "-";

  private GroupsReader() {}

  private record Row(DataSetImage image, String group, boolean query, boolean database) {}

  /** The name of the list; other sets may be given this layout too. */
  static final String LIST = "list.tsv";

  static RetrievalDataSet read(String name, Path root, MissingImages missing) throws IOException {
    DataSetImages files = DataSetImages.under(root, missing);
    Path list = root.resolve(LIST);
    List<TableReader.Row> lines = lines(list);
    if (lines.isEmpty()) {
      throw new DataSetException(
          list, "must begin with the columns image, group, role but is empty");
    }
    Columns columns = Columns.of(list, lines.get(0));
    List<Row> rows = new ArrayList<>();
    Map<String, Long> lineById = new HashMap<>();
    Map<Path, String> idByFile = new HashMap<>();
    for (TableReader.Row line : lines.subList(1, lines.size())) {
      Row row = columns.row(line, files);
      Long before = lineById.put(row.image.id(), line.line());
      if (before != null) {
        throw new DataSetException(
            list,
            line.line(),
            "image '"
                + row.image.id()
                + "' must be listed once but is in line "
                + before
                + " too; a query that is also searched has the role both");
      }
      String other = idByFile.put(row.image.file(), row.image.id());
      if (other != null) {
        throw new DataSetException(
            list,
            line.line(),
            "image '"
                + row.image.id()
                + "' must be a file of its own but is that of '"
                + other
                + "'");
      }
      rows.add(row);
    }
    return dataSet(name, list, rows);
  }

  private static RetrievalDataSet dataSet(String name, Path list, List<Row> rows)
      throws DataSetException {
    Map<String, Set<String>> databaseByGroup = new HashMap<>();
    List<DataSetImage> database = new ArrayList<>();
    for (Row row : rows) {
      if (row.database) {
        database.add(row.image);
        if (!row.group.equals(NO_GROUP)) {
          databaseByGroup
              .computeIfAbsent(row.group, g -> new LinkedHashSet<>())
              .add(row.image.id());
        }
      }
    }
    List<Query> queries = new ArrayList<>();
    for (Row row : rows) {
      if (row.query) {
        Set<String> good = new LinkedHashSet<>(databaseByGroup.getOrDefault(row.group, Set.of()));
        good.remove(row.image.id());
        Set<String> junk = row.database ? Set.of(row.image.id()) : Set.of();
        queries.add(new Query(row.image, Optional.empty(), new Judgments(good, Set.of(), junk)));
      }
    }
    if (queries.isEmpty() || database.isEmpty()) {
      throw new DataSetException(
          list,
          "must list queries and database images but lists "
              + queries.size()
              + " and "
              + database.size());
    }
    return RetrievalDataSet.of(name, queries, database);
  }

  private static List<TableReader.Row> lines(Path list) throws IOException {
    List<TableReader.Row> lines = new ArrayList<>();
    try (TableReader table = TableReader.builder(list).delimiter('\t').orLatin1().open()) {
      for (Optional<TableReader.Row> row = table.next(); row.isPresent(); row = table.next()) {
        lines.add(row.get());
      }
    } catch (TextFormatException e) {
      throw SourceLocation.error(e);
    }
    return lines;
  }

  /** Where the three columns stand. */
  private record Columns(Path list, int count, int image, int group, int role) {
    static Columns of(Path list, TableReader.Row header) throws DataSetException {
      try {
        return new Columns(
            list,
            header.cells().size(),
            header.requireColumn("image"),
            header.requireColumn("group"),
            header.requireColumn("role"));
      } catch (TextFormatException e) {
        throw SourceLocation.error(e);
      }
    }

    Row row(TableReader.Row line, DataSetImages files) throws IOException {
      List<String> fields = line.cells();
      if (fields.size() != count) {
        throw new DataSetException(
            list,
            line.line(),
            "line must have " + count + " fields separated by tabs but has " + fields.size());
      }
      String name = required(line, fields, image, "image");
      String groupName = required(line, fields, group, "group");
      String roleName = fields.get(role);
      if (!List.of("query", "database", "both").contains(roleName)) {
        throw new DataSetException(
            list, line.line(), "role must be query, database or both but was '" + roleName + "'");
      }
      return new Row(
          new DataSetImage(name, files.find(name, SourceLocation.line(list, line.line()))),
          groupName,
          !roleName.equals("database"),
          !roleName.equals("query"));
    }

    private String required(TableReader.Row line, List<String> fields, int index, String column)
        throws DataSetException {
      String value = fields.get(index);
      if (value.isEmpty()) {
        throw new DataSetException(list, line.line(), column + " must not be empty");
      }
      return value;
    }
  }
}
