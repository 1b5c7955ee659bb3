// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A database of pictures, queries, and for each query the right answers.
 *
 * <p>Whether a query that stands in the database too is a right answer to itself is said by its
 * {@link Judgements}: Oxford counts it as good, the sets that leave it out list it as junk.
 *
 * <p>Immutable and thread-safe.
 */
public final class RetrievalDataSet {
  private final String name;
  private final List<Query> queries;
  private final Map<String, DataSetImage> databaseById;
  private final List<DataSetImage> database;

  private RetrievalDataSet(
      String name,
      List<Query> queries,
      List<DataSetImage> database,
      Map<String, DataSetImage> databaseById) {
    this.name = name;
    this.queries = queries;
    this.database = database;
    this.databaseById = databaseById;
  }

  /**
   * Makes a data set.
   *
   * @param name what reports show
   * @param queries at least one (copied)
   * @param database at least one picture, in the order in which equal scores are ranked (copied)
   * @return the data set; no file is touched
   * @throws IllegalArgumentException if the name is blank, there is no query or no picture, an id
   *     is twice in the database, a judged picture is not in it, or a query has the id of a
   *     database picture and another file
   */
  public static RetrievalDataSet of(String name, List<Query> queries, List<DataSetImage> database) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("data set name must not be blank but was '" + name + "'");
    }
    if (queries.isEmpty() || database.isEmpty()) {
      throw new IllegalArgumentException(
          "data set '"
              + name
              + "' must have queries and database images but has "
              + queries.size()
              + " and "
              + database.size());
    }
    Map<String, DataSetImage> byId = new LinkedHashMap<>();
    for (DataSetImage image : database) {
      if (byId.put(image.id(), image) != null) {
        throw new IllegalArgumentException(
            "data set '" + name + "' must have image '" + image.id() + "' once but has it twice");
      }
    }
    for (Query query : queries) {
      check(name, query, byId);
    }
    return new RetrievalDataSet(
        name, List.copyOf(queries), List.copyOf(database), Collections.unmodifiableMap(byId));
  }

  private static void check(String name, Query query, Map<String, DataSetImage> database) {
    String id = query.image().id();
    DataSetImage same = database.get(id);
    if (same != null && !same.equals(query.image())) {
      throw new IllegalArgumentException(
          "query '"
              + id
              + "' of data set '"
              + name
              + "' must be the file of the database image of that id, "
              + same.file()
              + ", but is "
              + query.image().file());
    }
    Judgements judgements = query.judgements();
    for (var ids : List.of(judgements.good(), judgements.ok(), judgements.junk())) {
      for (String judged : ids) {
        if (!database.containsKey(judged)) {
          throw new IllegalArgumentException(
              "image '"
                  + judged
                  + "', judged for query '"
                  + id
                  + "', must be in the database of data set '"
                  + name
                  + "' but is not");
        }
      }
    }
  }

  /**
   * Returns what reports show.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the queries, also those without a right answer.
   *
   * @return at least one
   */
  public List<Query> queries() {
    return queries;
  }

  /**
   * Returns the pictures that are searched.
   *
   * @return at least one, in the order in which equal scores are ranked
   */
  public List<DataSetImage> database() {
    return database;
  }

  /**
   * Finds a picture of the database.
   *
   * @param id its name in the ground truth
   * @return empty if the database has none of that id
   */
  public Optional<DataSetImage> databaseImage(String id) {
    return Optional.ofNullable(databaseById.get(id));
  }

  /**
   * Counts the queries whose picture is searched too.
   *
   * @return 0 or more
   */
  public int queriesInDatabase() {
    return (int) queries.stream().filter(q -> databaseById.containsKey(q.image().id())).count();
  }

  @Override
  public String toString() {
    return "RetrievalDataSet["
        + name
        + ": "
        + queries.size()
        + " queries, "
        + database.size()
        + " images]";
  }
}
