// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.PatchBackbone;
import io.deepretrieval.testkit.Randoms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
final class BulkExtractionTest {
  private static final int CHANNELS = 4;

  /** The decoder's threads, by which a test sees that they end. */
  private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

  @AfterEach
  void everyDecodingThreadEnds() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Image i; every seventh is too small for the network, every tenth cannot be decoded. */
  private static RgbImage decode(int i) throws ImageDecodeException {
    if (i % 10 == 3) {
      throw new ImageDecodeException("file" + i, "JPEG", "file is empty", null);
    }
    return i % 7 == 5
        ? Randoms.ofSeed(i).image(5, 30)
        : Randoms.ofSeed(i).image(24 + i % 3 * 8, 40);
  }

  private static Optional<String> failure(int i) {
    if (i % 10 == 3) {
      return Optional.of("cannot decode file" + i + " (format JPEG): file is empty");
    }
    return i % 7 == 5
        ? Optional.of("file" + i + ": image must be at least 8x8 but was 5x30")
        : Optional.empty();
  }

  private static int number(ImageSource source) {
    return Integer.parseInt(source.name().substring(4));
  }

  private static ExtractionItem item(int i) {
    return ExtractionItem.of("id" + i, ImageSource.of("file" + i, new byte[0]));
  }

  private static List<ExtractionItem> items(int n) {
    List<ExtractionItem> items = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      items.add(item(i));
    }
    return items;
  }

  private DescriptorExtractor.Builder builder() {
    return builder(
        source -> {
          threads.add(Thread.currentThread());
          return decode(number(source));
        });
  }

  private static DescriptorExtractor.Builder builder(ImageDecoder decoder) {
    return DescriptorExtractor.builder(
        PatchBackbone.of(CHANNELS, 2), new DescriptorExtractorTest.MeanPooling(), decoder);
  }

  /** A decoder that gives image i but does what is asked for at one number. */
  private DescriptorExtractor.Builder breakingAt(int number, IntFunction<RgbImage> instead) {
    return builder(
        source -> {
          threads.add(Thread.currentThread());
          int i = number(source);
          return i == number ? instead.apply(i) : Randoms.ofSeed(i).image(24, 40);
        });
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,1", "8,2", "16,4", "100,3"})
  void orderVectorsAndFailuresDoNotDependOnBatchAndThreads(int batch, int decodeThreads)
      throws ImageDecodeException {
    int n = 50;
    List<String> expected = new ArrayList<>();
    List<ExtractionReport.Failure> failures = new ArrayList<>();
    try (DescriptorExtractor extractor =
            builder().batch(batch).decodeThreads(decodeThreads).build();
        DescriptorExtractor single = builder().build()) {
      for (int i = 0; i < n; i++) {
        Optional<String> reason = failure(i);
        if (reason.isPresent()) {
          failures.add(new ExtractionReport.Failure("id" + i, reason.get()));
          expected.add("id" + i + " skipped: " + reason.get());
        } else {
          expected.add("id" + i + " " + Arrays.toString(single.extract(decode(i)).toArray()));
        }
      }
      List<String> events = new ArrayList<>();
      Thread caller = Thread.currentThread();
      ExtractionReport report =
          extractor.extractAll(
              items(n),
              new ExtractionListener() {
                @Override
                public void extracted(ExtractionItem item, Descriptor descriptor) {
                  assertThat(Thread.currentThread()).isSameAs(caller);
                  assertThat(descriptor.recipe()).isEqualTo(extractor.recipe());
                  events.add(item.id() + " " + Arrays.toString(descriptor.toArray()));
                }

                @Override
                public void skipped(ExtractionItem item, ExtractionReport.Failure failure) {
                  assertThat(Thread.currentThread()).isSameAs(caller);
                  assertThat(failure.id()).isEqualTo(item.id());
                  events.add(item.id() + " skipped: " + failure.reason());
                }
              });
      assertThat(events).isEqualTo(expected);
      assertThat(report.failures()).isEqualTo(failures);
      assertThat(report.extracted()).isEqualTo(n - failures.size());
    }
  }

  @Test
  void noItemGivesAnEmptyReport() {
    try (DescriptorExtractor extractor = builder().build()) {
      assertThat(extractor.extractAll(List.of(), (item, descriptor) -> {}))
          .isEqualTo(new ExtractionReport(0, List.of()));
    }
  }

  @Test
  void boxOfAnItemIsCutOut() throws ImageDecodeException {
    Box box = new Box(4, 4, 20, 28);
    Box outside = new Box(400, 4, 420, 28);
    try (DescriptorExtractor extractor = builder().imageSize(20).build()) {
      List<Descriptor> found = new ArrayList<>();
      ExtractionReport report =
          extractor.extractAll(
              List.of(
                  new ExtractionItem("in", item(0).source(), Optional.of(box)),
                  new ExtractionItem("out", item(1).source(), Optional.of(outside))),
              (item, descriptor) -> found.add(descriptor));
      assertThat(found).containsExactly(extractor.extract(decode(0), box));
      assertThat(report.failures())
          .containsExactly(
              new ExtractionReport.Failure(
                  "out", "file1: box must overlap the image of 32x40 but was " + outside));
    }
  }

  @Test
  void decoderThatBreaksCostsOneImage() {
    DescriptorExtractor.Builder runtime =
        breakingAt(
            4,
            i -> {
              throw new ArrayIndexOutOfBoundsException("index 7");
            });
    assertOneFailure(
        runtime,
        "cannot decode file4 (format unknown): decoder failed:"
            + " java.lang.ArrayIndexOutOfBoundsException: index 7");
    DescriptorExtractor.Builder memory =
        breakingAt(
            4,
            i -> {
              throw new OutOfMemoryError("Java heap space");
            });
    assertOneFailure(
        memory,
        "cannot decode file4 (format unknown): decoder failed: java.lang.OutOfMemoryError: Java"
            + " heap space");
  }

  private static void assertOneFailure(DescriptorExtractor.Builder builder, String reason) {
    try (DescriptorExtractor extractor = builder.batch(3).build()) {
      List<String> ids = new ArrayList<>();
      ExtractionReport report =
          extractor.extractAll(items(8), (item, descriptor) -> ids.add(item.id()));
      assertThat(ids).containsExactly("id0", "id1", "id2", "id3", "id5", "id6", "id7");
      assertThat(report.failures()).containsExactly(new ExtractionReport.Failure("id4", reason));
    }
  }

  @Test
  void otherErrorOfADecoderEndsTheExtraction() {
    DescriptorExtractor.Builder builder =
        breakingAt(
            4,
            i -> {
              throw new LinkageError("no such class");
            });
    try (DescriptorExtractor extractor = builder.build()) {
      assertThatThrownBy(() -> extractor.extractAll(items(8), (item, descriptor) -> {}))
          .isInstanceOf(LinkageError.class)
          .hasMessage("no such class");
    }
  }

  @Test
  void listenerThatThrowsEndsTheExtractionAndItsThreads() throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    DescriptorExtractor.Builder builder =
        breakingAt(
            1,
            i -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
              return Randoms.ofSeed(i).image(24, 40);
            });
    try (DescriptorExtractor extractor = builder.batch(1).decodeThreads(2).build()) {
      assertThatThrownBy(
              () ->
                  extractor.extractAll(
                      items(100),
                      (item, descriptor) -> {
                        throw new IllegalArgumentException("disk is full");
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("disk is full");
      interrupted.await();
    }
    assertThat(threads.size()).isLessThanOrEqualTo(4);
  }

  @Test
  void itemsThatThrowEndTheExtraction() {
    Iterable<ExtractionItem> items =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public ExtractionItem next() {
                if (next == 5) {
                  throw new IllegalStateException("list is damaged");
                }
                return item(next++);
              }
            };
    try (DescriptorExtractor extractor = builder().batch(2).build()) {
      assertThatThrownBy(() -> extractor.extractAll(items, (item, descriptor) -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("list is damaged");
    }
  }

  @Test
  void interruptEndsTheExtractionAndStays() {
    try (DescriptorExtractor extractor = builder().batch(1).build()) {
      List<String> ids = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  extractor.extractAll(
                      items(100),
                      (item, descriptor) -> {
                        ids.add(item.id());
                        Thread.currentThread().interrupt();
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("extraction was interrupted");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(ids).containsExactly("id0");
    }
  }

  @Test
  void closeFromTheListenerEndsTheExtraction() {
    DescriptorExtractor extractor = builder().batch(1).build();
    assertThatThrownBy(
            () -> extractor.extractAll(items(100), (item, descriptor) -> extractor.close()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("descriptor extractor is closed: [" + extractor.recipe() + "]");
  }

  @ParameterizedTest
  @CsvSource({"4,2,64", "8,1,64", "8,1,1100", "1,5,64"})
  void decodesAheadNoMoreThanABatchOrAnImageAThread(int batch, int decodeThreads, int side) {
    AtomicInteger decoded = new AtomicInteger();
    AtomicInteger delivered = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    RgbImage image = Randoms.ofSeed(1).image(side, side);
    try (DescriptorExtractor extractor =
        builder(
                source -> {
                  threads.add(Thread.currentThread());
                  int waiting = decoded.incrementAndGet() - delivered.get();
                  most.accumulateAndGet(waiting, Math::max);
                  return image;
                })
            .batch(batch)
            .decodeThreads(decodeThreads)
            .build()) {
      extractor.extractAll(items(60), (item, descriptor) -> delivered.incrementAndGet());
    }
    // An image of 1100x1100 is a batch of its own, and one waits beside it.
    int atOnce = side > 1024 ? 1 : batch;
    assertThat(most.get()).isLessThanOrEqualTo(atOnce + Math.max(atOnce, decodeThreads));
    assertThat(most.get()).isGreaterThan(Math.min(atOnce, 2));
    assertThat(delivered.get()).isEqualTo(60);
  }

  @Test
  void decodingRunsOnOtherThreadsAtOnce() {
    CountDownLatch both = new CountDownLatch(2);
    ConcurrentHashMap<Thread, Boolean> seen = new ConcurrentHashMap<>();
    ImageDecoder decoder =
        source -> {
          threads.add(Thread.currentThread());
          seen.put(Thread.currentThread(), true);
          both.countDown();
          try {
            both.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return Randoms.ofSeed(1).image(24, 24);
        };
    try (DescriptorExtractor extractor = builder(decoder).decodeThreads(2).build()) {
      ExtractionReport report = extractor.extractAll(items(4), (item, descriptor) -> {});
      assertThat(report.extracted()).isEqualTo(4);
      assertThat(seen).hasSize(2).doesNotContainKey(Thread.currentThread());
    }
  }
}
