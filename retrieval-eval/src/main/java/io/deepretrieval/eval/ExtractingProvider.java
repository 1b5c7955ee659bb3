// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionListener;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Recipe;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Describes every image in each run and keeps the vectors in memory. */
final class ExtractingProvider implements DescriptorProvider {
  private final DescriptorExtractor extractor;
  private final Supplier<IndexBuilder> indexes;

  ExtractingProvider(DescriptorExtractor extractor, Supplier<IndexBuilder> indexes) {
    this.extractor = Objects.requireNonNull(extractor, "extractor");
    this.indexes = Objects.requireNonNull(indexes, "indexes");
  }

  @Override
  public Recipe recipe() {
    return extractor.recipe();
  }

  @Override
  public Described describe(
      RetrievalDataSet dataSet, List<QueryImage> questions, EvaluationListener listener) {
    long start = System.nanoTime();
    Extraction extraction = new Extraction(dataSet, questions, indexes.get(), listener);
    List<ExtractionReport.Failure> failures =
        extractor.extractAll(extraction.jobs.keySet(), extraction).failures();
    if (extraction.indexed == 0) {
      throw new IllegalStateException(
          "no image of the database of '"
              + dataSet.name()
              + "' could be described; the first: "
              + failures.get(0).reason());
    }
    long extracted = System.nanoTime();
    listener.progress(EvaluationListener.Step.INDEXING, 0, extraction.indexed);
    Index index = extraction.builder.build();
    listener.progress(EvaluationListener.Step.INDEXING, extraction.indexed, extraction.indexed);
    return new InMemory(
        index,
        questions,
        extraction.queries,
        failures,
        Duration.ofNanos(extracted - start),
        Duration.ofNanos(System.nanoTime() - extracted));
  }

  /** The index and the vectors of the questions. */
  private record InMemory(
      Index index,
      List<QueryImage> questions,
      Map<QueryImage, Descriptor> vectors,
      List<ExtractionReport.Failure> failures,
      Duration extraction,
      Duration indexing)
      implements Described {
    @Override
    public Optional<Descriptor> query(int number) {
      return Optional.ofNullable(vectors.get(questions.get(number)));
    }

    @Override
    public void close() {
      index.close();
    }
  }

  /** What a described image is for. */
  private record Job(QueryImage key, String label, boolean database, boolean query) {}

  /** Takes the vectors as they come: to the index, to the queries or to both. */
  private static final class Extraction implements ExtractionListener {
    /** Items in the order of extraction; a box is part of the name under which one fails. */
    final Map<ExtractionItem, Job> jobs = new LinkedHashMap<>();

    final Map<QueryImage, Descriptor> queries = new HashMap<>();
    final IndexBuilder builder;
    int indexed;
    private final EvaluationListener listener;
    private int done;

    Extraction(
        RetrievalDataSet dataSet,
        List<QueryImage> asked,
        IndexBuilder builder,
        EvaluationListener listener) {
      this.builder = builder;
      this.listener = listener;
      Map<QueryImage, Job> byKey = new LinkedHashMap<>();
      for (DataSetImage image : dataSet.database()) {
        QueryImage key = new QueryImage(image, Optional.empty());
        byKey.put(key, new Job(key, image.id(), true, false));
      }
      for (QueryImage key : asked) {
        byKey.merge(
            key,
            new Job(key, key.label(), false, true),
            (a, b) -> new Job(key, a.label, a.database, true));
      }
      for (Job job : byKey.values()) {
        DataSetImage image = job.key.image();
        jobs.put(new ExtractionItem(job.label, ImageSource.of(image.file()), job.key.box()), job);
      }
      listener.progress(EvaluationListener.Step.EXTRACTION, 0, jobs.size());
    }

    @Override
    public void extracted(ExtractionItem item, Descriptor descriptor) {
      Job job = Objects.requireNonNull(jobs.get(item), "job");
      if (job.database) {
        builder.add(job.key.image().id(), descriptor);
        indexed++;
      }
      if (job.query) {
        queries.put(job.key, descriptor);
      }
      listener.progress(EvaluationListener.Step.EXTRACTION, ++done, jobs.size());
    }

    @Override
    public void skipped(ExtractionItem item, ExtractionReport.Failure failure) {
      listener.failed(failure);
      listener.progress(EvaluationListener.Step.EXTRACTION, ++done, jobs.size());
    }
  }
}
