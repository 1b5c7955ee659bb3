// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.Box;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SimilarityMap;
import io.deepretrieval.TracedDescriptor;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out where in a query and in its hits their cosines come from. */
record Explainer(
    RetrievalDataSet dataSet, ImageDecoder decoder, Optional<DescriptorExtractor> extractor) {
  /** Where a cosine comes from; both or none. */
  record Explanation(Optional<SimilarityMap> onQuery, Optional<SimilarityMap> onHit) {
    static final Explanation UNKNOWN = new Explanation(Optional.empty(), Optional.empty());
  }

  /** Explains the first hits. */
  List<Explanation> explain(QueryResult query, int hits) {
    List<Explanation> explanations = new ArrayList<>();
    if (hits > 0) {
      Optional<TracedDescriptor> asked = trace(query.query().image().file(), query.query().box());
      for (SearchHit hit : query.ranking().subList(0, hits)) {
        explanations.add(asked.flatMap(a -> explain(a, hit)).orElse(Explanation.UNKNOWN));
      }
    }
    return explanations;
  }

  private Optional<Explanation> explain(TracedDescriptor asked, SearchHit hit) {
    return dataSet
        .databaseImage(hit.id())
        .map(DataSetImage::file)
        .flatMap(file -> trace(file, Optional.empty()))
        .map(
            found ->
                new Explanation(
                    asked.contributions(found.descriptor()),
                    found.contributions(asked.descriptor())));
  }

  /** Empty if the image cannot be read, which its place in the page says already. */
  private Optional<TracedDescriptor> trace(Path file, Optional<Box> box) {
    RgbImage image;
    try {
      image = decoder.decode(ImageSource.of(file));
    } catch (ImageDecodeException e) {
      return Optional.empty();
    }
    return extractor.map(e -> e.trace(image, box));
  }
}
