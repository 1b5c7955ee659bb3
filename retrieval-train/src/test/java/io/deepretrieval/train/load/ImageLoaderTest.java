// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Sets;
import io.deepretrieval.train.data.SkippedImage;
import io.deepretrieval.train.sampler.ShuffledSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loading ahead: order, content, memory and the end of the threads. */
@Timeout(60)
final class ImageLoaderTest {
  private static final int PIXELS = 1024;

  private static final Augmentation STEPS =
      Augmentation.builder().crop(0.4, 0.9).flip(0.5).brightness(0.4).build();

  /** The number in the name "image 7". */
  private static int number(ImageSource source) {
    return Integer.parseInt(source.name().substring("image ".length()));
  }

  /** 32 x 32 noise of the image's number. */
  private static RgbImage image(ImageSource source) {
    return Sets.noise(32, 32, number(source));
  }

  private static List<int[]> batches(int images, int batch) {
    return ShuffledSampler.of(Sets.ofSizes(images), batch, 9).epoch(0);
  }

  private static List<LoadedBatch> all(LoadedBatches loading) {
    try (loading) {
      List<LoadedBatch> all = new ArrayList<>();
      loading.forEachRemaining(all::add);
      return all;
    }
  }

  private static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  private static void assertEnded(LoadedBatches loading) {
    assertThat(loading.threads()).isNotEmpty().noneMatch(Thread::isAlive);
  }

  // ---- content

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16})
  void anyNumberOfThreadsGivesTheSameBatches(int threads) {
    LabeledImages set = Sets.ofSizes(20, 20, 23);
    List<int[]> batches = batches(63, 7);
    ImageLoader loader =
        ImageLoader.builder(set, ImageLoaderTest::image)
            .augmentation(STEPS)
            .seed(5)
            .threads(threads)
            .build();

    List<LoadedBatch> all = all(loader.load(2, batches));

    assertThat(all).hasSize(batches.size());
    for (int s = 0; s < all.size(); s++) {
      LoadedBatch batch = all.get(s);
      assertThat(batch.step()).isEqualTo(s);
      assertThat(batch.skipped()).isEmpty();
      assertThat(batch.images()).hasSameSizeAs(batches.get(s));
      for (int row = 0; row < batch.images().size(); row++) {
        LoadedBatch.Image loaded = batch.images().get(row);
        int image = batches.get(s)[row];
        assertThat(loaded.row()).isEqualTo(row);
        assertThat(loaded.image()).isEqualTo(image);
        assertThat(loaded.label()).isEqualTo(set.label(image));
        assertThat(loaded.pixels())
            .isEqualTo(STEPS.apply(Sets.noise(32, 32, image), Augmentation.seed(5, 2, image)));
      }
    }
  }

  @Test
  void epochsAndSeedsVaryTheImages() {
    LabeledImages set = Sets.ofSizes(1);
    List<int[]> batches = List.of(new int[] {0});
    ImageLoader.Builder builder =
        ImageLoader.builder(set, ImageLoaderTest::image).augmentation(STEPS);
    RgbImage first = all(builder.build().load(0, batches)).get(0).images().get(0).pixels();

    assertThat(all(builder.build().load(1, batches)).get(0).images().get(0).pixels())
        .isNotEqualTo(first);
    assertThat(all(builder.seed(1).build().load(0, batches)).get(0).images().get(0).pixels())
        .isNotEqualTo(first);
  }

  @Test
  void theMiddleOfAnEpochIsThatOfTheWhole() {
    LabeledImages set = Sets.ofSizes(30);
    List<int[]> batches = batches(30, 4);
    ImageLoader loader =
        ImageLoader.builder(set, ImageLoaderTest::image).augmentation(STEPS).build();
    List<LoadedBatch> whole = all(loader.load(1, batches));

    assertThat(all(loader.load(1, batches, 3))).isEqualTo(whole.subList(3, 8));
    assertThat(all(loader.load(1, batches, 8))).isEmpty();
  }

  @Test
  void anImageMayBeInSeveralBatches() {
    LabeledImages set = Sets.ofSizes(2);

    List<LoadedBatch> all =
        all(
            ImageLoader.builder(set, ImageLoaderTest::image)
                .build()
                .load(0, List.of(new int[] {1, 1, 0}, new int[] {1})));

    assertThat(all.get(0).images()).extracting(LoadedBatch.Image::image).containsExactly(1, 1, 0);
    assertThat(all.get(1).images()).extracting(LoadedBatch.Image::image).containsExactly(1);
  }

  @Test
  void batchesMayBeChangedAfterwards() {
    int[] batch = {0, 1};
    try (LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(2), ImageLoaderTest::image)
            .build()
            .load(0, List.of(batch))) {
      Arrays.fill(batch, 77);

      assertThat(loading.next().images())
          .extracting(LoadedBatch.Image::image)
          .containsExactly(0, 1);
    }
  }

  // ---- damaged images

  @Test
  void aDamagedImageAmongManyIsSkippedAndListed() {
    LabeledImages.Builder set = LabeledImages.builder();
    for (int i = 0; i < 20; i++) {
      byte[] png = Sets.png(Sets.noise(9, 9, i));
      set.add(ImageSource.of(i + ".png", i == 7 ? Arrays.copyOf(png, 60) : png), "a");
    }
    set.add(ImageSource.of("text.jpg", new byte[] {'h', 'e', 'l', 'l', 'o'}), "a");

    List<LoadedBatch> all =
        all(
            ImageLoader.builder(set.build(), new ImageIoDecoder())
                .build()
                .load(0, List.of(new int[] {6, 7, 8}, new int[] {20}, new int[] {0, 19})));

    assertThat(all.get(0).images()).extracting(LoadedBatch.Image::row).containsExactly(0, 2);
    assertThat(all.get(0).images())
        .extracting(LoadedBatch.Image::pixels)
        .containsExactly(Sets.noise(9, 9, 6), Sets.noise(9, 9, 8));
    assertThat(all.get(0).skipped()).extracting(SkippedImage::image).containsExactly("7.png");
    assertThat(all.get(0).skipped().get(0).reason())
        .startsWith("cannot decode 7.png (format PNG): ");
    assertThat(all.get(1).images()).isEmpty();
    assertThat(all.get(1).skipped().get(0).reason())
        .startsWith("cannot decode text.jpg (format text): ");
    assertThat(all.get(2).images()).hasSize(2);
    assertThat(all.get(2).skipped()).isEmpty();
  }

  @Test
  void anErrorOfTheDecoderEndsTheLoading() {
    IllegalStateException error = new IllegalStateException("decoder is broken");
    ImageDecoder decoder =
        source -> {
          if (number(source) == 3) {
            throw error;
          }
          return image(source);
        };
    LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(100), decoder)
            .build()
            .load(0, List.of(new int[] {0, 1}, new int[] {2, 3}, new int[] {4}));
    assertThat(loading.next().images()).hasSize(2);

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(loading::next)
        .isSameAs(error);

    assertEnded(loading);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(loading::next)
        .withMessage("batches are closed");
  }

  @Test
  void anErrorOfTheMachineIsThrownToo() {
    StackOverflowError error = new StackOverflowError();
    LoadedBatches loading =
        ImageLoader.builder(
                Sets.ofSizes(1),
                source -> {
                  throw error;
                })
            .build()
            .load(0, List.of(new int[] {0}));

    assertThatExceptionOfType(StackOverflowError.class).isThrownBy(loading::next).isSameAs(error);

    assertEnded(loading);
  }

  // ---- ahead

  @Test
  void runsAheadOfTheOneWhoTakes() throws InterruptedException {
    CountDownLatch decoded = new CountDownLatch(50);
    ImageDecoder decoder =
        source -> {
          decoded.countDown();
          return image(source);
        };
    try (LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(50), decoder).threads(3).build().load(0, batches(50, 5))) {
      assertThat(decoded.await(30, TimeUnit.SECONDS)).isTrue();
      until(() -> loading.threads().stream().noneMatch(Thread::isAlive));

      assertThat(loading.next().images()).hasSize(5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void waitsAtTheBoundOfTheMemory(int threads) {
    AtomicInteger decoded = new AtomicInteger();
    ImageDecoder decoder =
        source -> {
          decoded.incrementAndGet();
          return image(source);
        };
    try (LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(60), decoder)
            .threads(threads)
            .pixelsAhead(10 * PIXELS)
            .build()
            .load(0, batches(60, 3))) {
      for (int taken = 0; taken <= 48; taken += 3) {
        int bound = taken + 10;
        until(
            () ->
                decoded.get() >= bound
                    && loading.threads().stream()
                        .allMatch(thread -> thread.getState() == Thread.State.WAITING));
        // Every image is as large as the least that is counted, so the bound is exact.
        assertThat(decoded.get()).isEqualTo(bound);
        assertThat(loading.next().images()).hasSize(3);
      }
    }
  }

  @Test
  void oneAtATimeIsLoadedHoweverLarge() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ImageDecoder decoder =
        source -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          RgbImage image = Sets.plain(200, 200, number(source));
          now.decrementAndGet();
          return image;
        };

    List<LoadedBatch> all =
        all(
            ImageLoader.builder(Sets.ofSizes(12), decoder)
                .threads(4)
                .pixelsAhead(1)
                .build()
                .load(0, batches(12, 5)));

    assertThat(all).extracting(batch -> batch.images().size()).containsExactly(5, 5, 2);
    assertThat(most).hasValue(1);
  }

  @Test
  void aKnownSizeIsCountedBeforeTheFirstImage() {
    AtomicInteger decoded = new AtomicInteger();
    ImageDecoder decoder =
        source -> {
          decoded.incrementAndGet();
          return image(source);
        };
    // Two results of 100 x 100 are allowed, and four threads would like to begin.
    try (LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(9), decoder)
            .augmentation(Augmentation.builder().size(100, 100).build())
            .threads(4)
            .pixelsAhead(20_000)
            .build()
            .load(0, batches(9, 9))) {
      until(
          () ->
              decoded.get() >= 2
                  && loading.threads().stream()
                      .allMatch(thread -> thread.getState() == Thread.State.WAITING));

      assertThat(decoded).hasValue(2);
    }
  }

  // ---- the end

  @Test
  void closingEarlyEndsTheThreads() {
    LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(200), ImageLoaderTest::image)
            .threads(3)
            .pixelsAhead(4 * PIXELS)
            .build()
            .load(0, batches(200, 2));
    loading.next();

    loading.close();

    assertEnded(loading);
    loading.close();
    assertThat(loading.hasNext()).isTrue();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(loading::next)
        .withMessage("batches are closed");
  }

  @Test
  void closingWakesADecoderThatWaits() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(1), source -> waitForEver(source, begun))
            .build()
            .load(0, List.of(new int[] {0}));
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

    loading.close();

    assertEnded(loading);
  }

  @Test
  void theThreadsEndByThemselvesAfterTheLastImage() {
    LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(6), ImageLoaderTest::image)
            .threads(2)
            .build()
            .load(0, batches(6, 2));
    loading.forEachRemaining(batch -> assertThat(batch.images()).hasSize(2));

    until(() -> loading.threads().stream().noneMatch(Thread::isAlive));

    assertThatExceptionOfType(NoSuchElementException.class)
        .isThrownBy(loading::next)
        .withMessage("epoch has 3 batches and no more");
    loading.close();
  }

  @Test
  void anInterruptedTakerStaysInterrupted() {
    LoadedBatches loading =
        ImageLoader.builder(Sets.ofSizes(1), source -> waitForEver(source, new CountDownLatch(1)))
            .build()
            .load(0, List.of(new int[] {0}));
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(loading::next)
        .withMessage("loading was interrupted at batch 0");

    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    loading.close();
    assertThat(Thread.interrupted()).isTrue();
    until(() -> loading.threads().stream().noneMatch(Thread::isAlive));
  }

  private static RgbImage waitForEver(ImageSource source, CountDownLatch begun)
      throws ImageDecodeException {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new ImageDecodeException(source.name(), "unknown", "interrupted", e);
    }
    return image(source);
  }

  // ---- refused

  @Test
  void refusesWhatIsOutOfRange() {
    LabeledImages set = Sets.ofSizes(3);
    ImageLoader.Builder builder = ImageLoader.builder(set, ImageLoaderTest::image);
    ImageLoader loader = builder.build();
    List<int[]> batches = List.of(new int[] {0}, new int[] {1, 2});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> loader.load(-1, batches))
        .withMessage("epoch must be >= 0 but was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loader.load(0, batches, 3))
        .withMessage("first step must be in [0, 2] but was 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loader.load(0, batches, -1))
        .withMessage("first step must be in [0, 2] but was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loader.load(0, List.of(new int[] {0}, new int[] {1, 3})))
        .withMessage("image of batch 1 must be in [0, 2] but was 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> loader.load(0, List.of(new int[] {-1})))
        .withMessage("image of batch 0 must be in [0, 2] but was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.threads(0))
        .withMessage("threads must be >= 1 but were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.pixelsAhead(0))
        .withMessage("pixels ahead must be >= 1 but were 0");
  }
}
