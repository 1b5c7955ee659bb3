// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A database of images, queries, and for each query the right answers, by one or several {@link
 * Protocol protocols}.
 *
 * <p>Whether a query that stands in the database too is a right answer to itself is said by its
 * {@link Judgments}: Oxford counts it as good, the sets that leave it out list it as junk.
 *
 * <p>Immutable and thread-safe.
 */
public final class RetrievalDataSet {
  private final String name;
  private final List<Protocol> protocols;
  private final List<Query> queries;
  private final Map<String, DataSetImage> databaseById;
  private final List<DataSetImage> database;

  private RetrievalDataSet(
      String name,
      List<Protocol> protocols,
      List<DataSetImage> database,
      Map<String, DataSetImage> databaseById) {
    this.name = name;
    this.protocols = protocols;
    this.queries = questions(protocols);
    this.database = database;
    this.databaseById = databaseById;
  }

  private static List<Query> questions(List<Protocol> protocols) {
    List<Query> all = new ArrayList<>(protocols.get(0).queries());
    Set<QueryImage> asked = new HashSet<>();
    all.forEach(query -> asked.add(QueryImage.of(query)));
    for (Protocol protocol : protocols.subList(1, protocols.size())) {
      for (Query query : protocol.queries()) {
        if (asked.add(QueryImage.of(query))) {
          all.add(query);
        }
      }
    }
    return List.copyOf(all);
  }

  /**
   * Makes a data set of one protocol, {@link Protocol#standard}.
   *
   * @param name what reports show
   * @param queries at least one (copied)
   * @param database at least one image, in the order in which equal scores are ranked (copied)
   * @return the data set; no file is touched
   * @throws IllegalArgumentException if the name is blank, there is no query or no image, an id is
   *     twice in the database, a judged image is not in it, or a query has the id of a database
   *     image and another file
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
    return ofProtocols(name, List.of(Protocol.standard(queries)), database);
  }

  /**
   * Makes a data set of several protocols, which share one search.
   *
   * @param name what reports show
   * @param protocols at least one, the one that papers report first (copied)
   * @param database at least one image, in the order in which equal scores are ranked (copied)
   * @return the data set; no file is touched
   * @throws IllegalArgumentException if the name is blank, there is no protocol or no image, two
   *     protocols have one name, an id is twice in the database, a judged image is not in it, or a
   *     query has the id of a database image and another file
   */
  public static RetrievalDataSet ofProtocols(
      String name, List<Protocol> protocols, List<DataSetImage> database) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("data set name must not be blank but was '" + name + "'");
    }
    if (protocols.isEmpty() || database.isEmpty()) {
      throw new IllegalArgumentException(
          "data set '"
              + name
              + "' must have protocols and database images but has "
              + protocols.size()
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
    Set<String> names = new HashSet<>();
    for (Protocol protocol : protocols) {
      if (!names.add(protocol.name())) {
        throw new IllegalArgumentException(
            "data set '"
                + name
                + "' must have protocol '"
                + protocol.name()
                + "' once but has it twice");
      }
      for (Query query : protocol.queries()) {
        check(name, query, byId);
      }
    }
    return new RetrievalDataSet(
        name, List.copyOf(protocols), List.copyOf(database), Collections.unmodifiableMap(byId));
  }

  /**
   * Makes a data set with more images in the database, none of which is right or junk.
   *
   * @param newName what reports show
   * @param distractors added behind the database (copied)
   * @return a new data set with the protocols of this one
   * @throws IllegalArgumentException if the name is blank or an id is in the database already
   */
  public RetrievalDataSet withDistractors(String newName, List<DataSetImage> distractors) {
    List<DataSetImage> all = new ArrayList<>(database);
    all.addAll(distractors);
    return ofProtocols(newName, protocols, all);
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
    Judgments judgments = query.judgments();
    for (var ids : List.of(judgments.good(), judgments.ok(), judgments.junk())) {
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
   * Returns the ways to score a search.
   *
   * @return at least one, the one that papers report first
   */
  public List<Protocol> protocols() {
    return protocols;
  }

  /**
   * Returns the queries, also those without a right answer: those of the first protocol and the
   * questions that only later protocols ask, with the judgments of the first that asks them.
   *
   * @return at least one
   */
  public List<Query> queries() {
    return queries;
  }

  /**
   * Returns the images that are searched.
   *
   * @return at least one, in the order in which equal scores are ranked
   */
  public List<DataSetImage> database() {
    return database;
  }

  /**
   * Finds an image of the database.
   *
   * @param id its name in the ground truth
   * @return empty if the database has none of that id
   */
  public Optional<DataSetImage> databaseImage(String id) {
    return Optional.ofNullable(databaseById.get(id));
  }

  /**
   * Counts the queries whose image is searched too.
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
