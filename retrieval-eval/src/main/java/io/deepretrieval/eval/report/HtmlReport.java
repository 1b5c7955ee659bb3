// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes an evaluation as one HTML file to look at: the headline beside that of a random ranking
 * and beside published figures, precision over recall, the average precision of each query from the
 * worst on, the ranked images, what went wrong, the recipe, the version and the machine.
 *
 * <p>With {@link Options.Builder#explain} each ranked image has a button that shows where in the
 * query and in the image their cosine comes from, see {@link io.deepretrieval.TracedDescriptor}.
 *
 * <p>The file opens offline: images are in it as small JPEGs, there is no script, and its content
 * security policy lets nothing leave the page. Good, ok, junk and wrong answers differ by color, by
 * sign, by word and by the line around the image. Every name is escaped. It works with the
 * keyboard, on a small screen, and in light and dark.
 *
 * <p>Size: under 10 MB as long as queries · (hits + 1) is at most 3,000; thumbnails are compressed
 * harder, then shrunk, until they fit, and of more than 600 hits only the first of each query are
 * explained. The default, 50 queries of 10 hits, is far below.
 */
public final class HtmlReport {
  private HtmlReport() {}

  /**
   * Writes a report with the default options.
   *
   * @param result what to show
   * @param dataSet what was evaluated; gives the files of the hits
   * @param file where to; replaced if it exists; missing directories are made; there whole or not
   *     at all
   * @param decoder reads the images; one that it cannot read is shown as a note
   * @throws IOException if the file cannot be written
   */
  public static void write(
      EvaluationResult result, RetrievalDataSet dataSet, Path file, ImageDecoder decoder)
      throws IOException {
    write(result, dataSet, file, decoder, Options.builder().build());
  }

  /**
   * Writes a report.
   *
   * @param result what to show
   * @param dataSet what was evaluated; gives the files of the hits
   * @param file where to; replaced if it exists; missing directories are made; there whole or not
   *     at all
   * @param decoder reads the images; one that it cannot read is shown as a note
   * @param options title and bounds
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the extractor that explains has another recipe than the
   *     result
   */
  public static void write(
      EvaluationResult result,
      RetrievalDataSet dataSet,
      Path file,
      ImageDecoder decoder,
      Options options)
      throws IOException {
    AtomicFiles.createDirectoryOf(file);
    AtomicFiles.writeText(
        file, out -> new ReportPage(result, dataSet, decoder, options).write(new HtmlWriter(out)));
  }

  /** What a report holds. Immutable. */
  public static final class Options {
    final Optional<String> title;
    final int queries;
    final int hits;
    final int thumbnailSize;
    final Optional<DescriptorExtractor> explain;
    final Optional<String> trainedOn;
    final Map<String, String> facts;

    private Options(Builder builder) {
      title = builder.title;
      queries = builder.queries;
      hits = builder.hits;
      thumbnailSize = builder.thumbnailSize;
      explain = builder.explain;
      trainedOn = builder.trainedOn;
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(builder.facts));
    }

    /**
     * Starts options.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
      return new Builder();
    }

    /** Collects options. For one thread. */
    public static final class Builder {
      private Optional<String> title = Optional.empty();
      private int queries = 50;
      private int hits = 10;
      private int thumbnailSize = 160;
      private Optional<DescriptorExtractor> explain = Optional.empty();
      private Optional<String> trainedOn = Optional.empty();
      private final Map<String, String> facts = new LinkedHashMap<>();

      private Builder() {}

      /**
       * Sets the heading. By default it names the data set.
       *
       * @param text any text
       * @return this builder
       */
      public Builder title(String text) {
        title = Optional.of(text);
        return this;
      }

      /**
       * Bounds the queries shown with images; the worst are shown.
       *
       * @param most at least 0; 50 by default
       * @return this builder
       * @throws IllegalArgumentException if it is negative
       */
      public Builder queries(int most) {
        queries = atLeast(0, "report queries", most);
        return this;
      }

      /**
       * Bounds the hits shown of each query.
       *
       * @param most at least 0; 10 by default
       * @return this builder
       * @throws IllegalArgumentException if it is negative
       */
      public Builder hits(int most) {
        hits = atLeast(0, "report hits", most);
        return this;
      }

      /**
       * Sets the size of the small images.
       *
       * @param longerSide pixels, at least 16; 160 by default
       * @return this builder
       * @throws IllegalArgumentException if it is less than 16
       */
      public Builder thumbnailSize(int longerSide) {
        thumbnailSize = atLeast(16, "thumbnail size", longerSide);
        return this;
      }

      /**
       * Shows where the cosine of a query and a hit comes from. The images that are shown are
       * described once more; a hit whose pooling or transform does not tell gets no map.
       *
       * @param extractor the one of the run (not owned: not closed; open while the page is written)
       * @return this builder
       */
      public Builder explain(DescriptorExtractor extractor) {
        explain = Optional.of(extractor);
        return this;
      }

      /**
       * Names the training set of the network, to stand beside published figures. One that is known
       * to show what the test queries show is marked.
       *
       * @param trainingSet for instance {@code GLDv2-clean}
       * @return this builder
       */
      public Builder trainedOn(String trainingSet) {
        trainedOn = Optional.of(trainingSet);
        return this;
      }

      /**
       * Adds a line about the run, for instance the seed of an index.
       *
       * @param name what it is
       * @param value its value; the last one of a name counts
       * @return this builder
       */
      public Builder fact(String name, String value) {
        facts.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return this;
      }

      private static int atLeast(int least, String what, int value) {
        if (value < least) {
          throw new IllegalArgumentException(
              what + " must be at least " + least + " but was " + value);
        }
        return value;
      }

      /**
       * Makes the options.
       *
       * @return immutable options
       */
      public Options build() {
        return new Options(this);
      }
    }
  }
}
