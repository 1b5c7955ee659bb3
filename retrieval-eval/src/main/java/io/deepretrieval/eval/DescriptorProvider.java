// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Recipe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the vectors of an {@link Evaluator} come from: out of a network, or out of what an earlier
 * run kept. Thread-safety is that of the implementation.
 */
public interface DescriptorProvider {
  /**
   * Makes one that describes every image in each run and keeps the vectors in memory.
   *
   * @param extractor describes the images (not owned: not closed)
   * @param indexes gives a new builder at each run
   * @return a provider
   */
  static DescriptorProvider of(DescriptorExtractor extractor, Supplier<IndexBuilder> indexes) {
    return new ExtractingProvider(extractor, indexes);
  }

  /**
   * Returns how the descriptors are made.
   *
   * @return the one recipe
   */
  Recipe recipe();

  /**
   * Describes what a run needs. An image that cannot be read or described is listed and skipped.
   *
   * @param dataSet whose database is searched
   * @param questions what is searched with, each once
   * @param listener learns of progress and of the images that are skipped
   * @return what the caller closes
   * @throws IllegalStateException if no image of the database could be described
   * @throws java.io.UncheckedIOException if kept vectors cannot be read or written
   */
  Described describe(
      RetrievalDataSet dataSet, List<QueryImage> questions, EvaluationListener listener);

  /** The vectors of one run. For one thread. */
  interface Described extends AutoCloseable {
    /**
     * Returns the database.
     *
     * @return by the ids of the data set, in its order; closed with this
     */
    Index index();

    /**
     * Returns the vector of a question.
     *
     * @param number its place in the list of questions
     * @return empty if it could not be described
     */
    Optional<Descriptor> query(int number);

    /**
     * Returns what could not be described.
     *
     * @return by the ids of the images or the labels of the questions
     */
    List<ExtractionReport.Failure> failures();

    /**
     * Returns how long reading and describing took.
     *
     * @return wall-clock time
     */
    Duration extraction();

    /**
     * Returns how long the index took.
     *
     * @return wall-clock time
     */
    Duration indexing();

    /** Closes the index. */
    @Override
    void close();
  }
}
