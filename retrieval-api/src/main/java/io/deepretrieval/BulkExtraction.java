// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Describes many images in batches while others are decoded; what one image fails on costs no
 * other.
 *
 * @param extractor prepares and describes
 * @param batch most images at once
 * @param decodeThreads threads that decode ahead
 */
record BulkExtraction(DescriptorExtractor extractor, int batch, int decodeThreads) {
  private static final long BATCH_PIXELS = 1L << 20;

  /** What became of an image that was decoded. */
  private record Described(
      Optional<Descriptor> descriptor, Optional<IllegalArgumentException> error) {}

  /** Images at once, and why some of them could not be read. */
  private static final class Batch {
    final List<ExtractionItem> members = new ArrayList<>();
    final List<List<RgbImage>> prepared = new ArrayList<>();
    final List<Optional<String>> errors = new ArrayList<>();
  }

  ExtractionReport run(Iterable<ExtractionItem> items, ExtractionListener listener) {
    List<ExtractionReport.Failure> failures = new ArrayList<>();
    int extracted = 0;
    try (DecodeAhead ahead =
        new DecodeAhead(items.iterator(), extractor::decode, decodeThreads, batch, BATCH_PIXELS)) {
      for (Batch next = draw(ahead); !next.members.isEmpty(); next = draw(ahead)) {
        ahead.fill();
        extracted += describe(next, failures, listener);
      }
    }
    return new ExtractionReport(extracted, failures);
  }

  private Batch draw(DecodeAhead ahead) {
    Batch drawn = new Batch();
    long pixels = 0;
    while (drawn.members.size() < batch && pixels < BATCH_PIXELS) {
      ahead.fill();
      Optional<ExtractionItem> next = ahead.next();
      if (next.isEmpty()) {
        break;
      }
      drawn.members.add(next.get());
      try {
        PreparedImage image = ahead.take();
        pixels += image.pixels();
        drawn.prepared.add(image.images());
        drawn.errors.add(Optional.empty());
      } catch (ImageDecodeException | IllegalArgumentException e) {
        drawn.errors.add(Optional.of(reason(next.get(), e)));
      }
    }
    return drawn;
  }

  private int describe(
      Batch drawn, List<ExtractionReport.Failure> failures, ExtractionListener listener) {
    int extracted = 0;
    Iterator<Described> described = describeOneByOneOnError(drawn.prepared).iterator();
    for (int i = 0; i < drawn.members.size(); i++) {
      ExtractionItem item = drawn.members.get(i);
      Optional<String> error = drawn.errors.get(i);
      if (error.isEmpty()) {
        Described result = described.next();
        if (result.descriptor.isPresent()) {
          extracted++;
          listener.extracted(item, result.descriptor.get());
          continue;
        }
        error = result.error.map(e -> reason(item, e));
      }
      ExtractionReport.Failure failure =
          new ExtractionReport.Failure(item.id(), error.orElseThrow());
      failures.add(failure);
      listener.skipped(item, failure);
    }
    return extracted;
  }

  private static String reason(ExtractionItem item, Exception e) {
    String message = String.valueOf(e.getMessage());
    return e instanceof ImageDecodeException ? message : item.source().name() + ": " + message;
  }

  /** One bad image must not take the others of its batch with it. */
  private List<Described> describeOneByOneOnError(List<List<RgbImage>> prepared) {
    List<Described> out = new ArrayList<>();
    try {
      extractor
          .describe(prepared)
          .forEach(d -> out.add(new Described(Optional.of(d), Optional.empty())));
    } catch (IllegalArgumentException batchError) {
      for (List<RgbImage> image : prepared) {
        try {
          Descriptor one = extractor.describe(List.of(image)).get(0);
          out.add(new Described(Optional.of(one), Optional.empty()));
        } catch (IllegalArgumentException e) {
          out.add(new Described(Optional.empty(), Optional.of(e)));
        }
      }
    }
    return out;
  }
}
