// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The layout {@code smvs}, described at {@link DataSets}. */
final class SmvsReader {
  private static final String REFERENCE = "Reference";
  private static final List<Metric> METRICS =
      List.of(Metric.successAt(1), Metric.averagePrecision());

  private SmvsReader() {}

  static RetrievalDataSet read(String dataSet, Path root) throws IOException {
    Path images = DataSetImages.first(root, "mvs_images");
    Labels references = new Labels();
    Map<String, List<Query>> byCategory = new LinkedHashMap<>();
    for (Path category : directories(images)) {
      Path own = category.resolve(REFERENCE);
      if (!Files.isDirectory(own)) {
        throw new DataSetException(category, "must have the directory Reference but has not");
      }
      String name = String.valueOf(category.getFileName());
      for (DataSetImage image : DataSetImages.in(own, MissingImages.REFUSED).list()) {
        String id = name + "/" + REFERENCE + "/" + image.id();
        references.add(
            new DataSetImage(id, image.file()),
            Set.of(name + "/" + image.id()),
            SourceLocation.of(own));
      }
      byCategory.put(name, queries(category, name, references));
    }
    List<Query> all = new ArrayList<>();
    byCategory.values().forEach(all::addAll);
    if (all.isEmpty()) {
      throw new DataSetException(images, "no category with a query is there");
    }
    List<Protocol> protocols = new ArrayList<>();
    protocols.add(new Protocol("all", all, METRICS));
    byCategory.forEach(
        (name, queries) -> {
          if (!queries.isEmpty()) {
            protocols.add(new Protocol(name, queries, METRICS));
          }
        });
    return RetrievalDataSet.ofProtocols(dataSet, protocols, references.database());
  }

  private static List<Query> queries(Path category, String name, Labels references)
      throws IOException {
    List<Query> queries = new ArrayList<>();
    for (Path phone : directories(category)) {
      String device = String.valueOf(phone.getFileName());
      if (device.equals(REFERENCE)) {
        continue;
      }
      for (DataSetImage image : DataSetImages.in(phone, MissingImages.REFUSED).list()) {
        String label = name + "/" + image.id();
        if (!references.has(label)) {
          throw SourceLocation.of(image.file())
              .error(
                  "query must have the number of an image in "
                      + category.resolve(REFERENCE)
                      + " but has not; other assignments go into "
                      + GroupsReader.LIST);
        }
        queries.add(
            new Query(
                new DataSetImage(name + "/" + device + "/" + image.id(), image.file()),
                Optional.empty(),
                references.all(Set.of(label))));
      }
    }
    return queries;
  }

  private static List<Path> directories(Path parent) throws IOException {
    List<Path> directories = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry) && !String.valueOf(entry.getFileName()).startsWith(".")) {
          directories.add(entry);
        }
      }
    }
    directories.sort(null);
    return directories;
  }
}
