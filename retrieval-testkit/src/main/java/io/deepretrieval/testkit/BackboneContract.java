// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.RgbImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link Backbone} must hold. */
public abstract class BackboneContract {
  private static final int THREADS = 8;

  /** For subclasses. */
  protected BackboneContract() {}

  /**
   * Makes the backbone under test.
   *
   * @return a new object with the same weights at each call, which the contract closes
   * @throws Exception if it cannot be made
   */
  protected abstract Backbone open() throws Exception;

  /**
   * Returns the shorter side of the images that the contract uses.
   *
   * @return pixels, large enough for the network; 64 unless overridden
   */
  protected int side() {
    return 64;
  }

  /**
   * Returns an image that the network must refuse.
   *
   * @return empty if it takes every size
   */
  protected Optional<RgbImage> tooSmall() {
    return Optional.empty();
  }

  /**
   * Returns how long the contract waits for threads that extract at the same time before it takes
   * them for dead.
   *
   * @return a minute unless overridden
   */
  protected Duration patience() {
    return Duration.ofMinutes(1);
  }

  /**
   * Draws images of several sizes.
   *
   * @return four images, two of which have one size
   */
  protected List<RgbImage> images() {
    Randoms random = Randoms.ofSeed(11);
    int side = side();
    return List.of(
        random.image(side, side),
        random.image(side + side / 2, side),
        random.image(side, 2 * side),
        random.image(side, side));
  }

  @Test
  void specIsStable() throws Exception {
    Backbone backbone = open();
    BackboneSpec before = backbone.spec();
    backbone.extract(images().get(0));
    assertThat(backbone.spec()).isEqualTo(before);
    backbone.close();
    assertThat(backbone.spec()).isEqualTo(before);
    try (Backbone again = open()) {
      assertThat(again.spec()).isEqualTo(before);
    }
  }

  @Test
  void mapsHaveTheChannelsOfTheSpecAndAreFinite() throws Exception {
    try (Backbone backbone = open()) {
      for (FeatureMap map : backbone.extract(images())) {
        assertThat(map.channels()).isEqualTo(backbone.spec().output().channels());
        for (float value : map.sharedValues()) {
          assertThat(Float.isFinite(value)).isTrue();
        }
      }
    }
  }

  @Test
  void strideIsTheNumberOfPixelsFromCellToCell() throws Exception {
    try (Backbone backbone = open()) {
      int stride = backbone.spec().output().stride();
      Randoms random = Randoms.ofSeed(12);
      FeatureMap small = backbone.extract(random.image(side(), side()));
      FeatureMap large = backbone.extract(random.image(side() + 3 * stride, side() + 2 * stride));
      assertThat(large.width()).isEqualTo(small.width() + 3);
      assertThat(large.height()).isEqualTo(small.height() + 2);
    }
  }

  @Test
  void differentImagesGiveDifferentMaps() throws Exception {
    try (Backbone backbone = open()) {
      List<RgbImage> images = images();
      assertThat(backbone.extract(images.get(0))).isNotEqualTo(backbone.extract(images.get(3)));
    }
  }

  @Test
  void batchEqualsSingleBitForBitWhateverTheSizesAndTheOrder() throws Exception {
    try (Backbone backbone = open()) {
      List<RgbImage> images = images();
      List<FeatureMap> single = oneByOne(backbone, images);
      assertThat(backbone.extract(images)).isEqualTo(single);
      List<RgbImage> reversed = new ArrayList<>(images);
      Collections.reverse(reversed);
      List<FeatureMap> reversedMaps = new ArrayList<>(single);
      Collections.reverse(reversedMaps);
      assertThat(backbone.extract(reversed)).isEqualTo(reversedMaps);
    }
  }

  @Test
  void oneSizeBatchEqualsSingleBitForBit() throws Exception {
    try (Backbone backbone = open()) {
      Randoms random = Randoms.ofSeed(13);
      List<RgbImage> images = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        images.add(random.image(side() + 8, side()));
      }
      assertThat(backbone.extract(images))
          .as(random.note("5 images of one size"))
          .isEqualTo(oneByOne(backbone, images));
    }
  }

  @Test
  void anotherObjectGivesTheSameMaps() throws Exception {
    List<RgbImage> images = images();
    try (Backbone one = open();
        Backbone other = open()) {
      assertThat(other.extract(images)).isEqualTo(one.extract(images));
    }
  }

  @Test
  void laterExtractionsDoNotTouchEarlierMaps() throws Exception {
    List<RgbImage> images = images();
    Backbone backbone = open();
    FeatureMap map = backbone.extract(images.get(0));
    float[] before = map.sharedValues().clone();
    backbone.extract(images.get(3));
    backbone.extract(images);
    backbone.close();
    assertThat(map.sharedValues()).isEqualTo(before);
  }

  @Test
  void doesNotModifyTheImages() throws Exception {
    List<RgbImage> images = images();
    try (Backbone backbone = open()) {
      backbone.extract(images);
    }
    assertThat(images).isEqualTo(images());
  }

  @Test
  void noImageGivesNoMap() throws Exception {
    try (Backbone backbone = open()) {
      assertThat(backbone.extract(List.of())).isEmpty();
    }
  }

  @Test
  void refusesAnImageThatIsTooSmallAndGoesOn() throws Exception {
    Optional<RgbImage> small = tooSmall();
    assumeThat(small).as("this backbone takes every size").isPresent();
    try (Backbone backbone = open()) {
      RgbImage good = images().get(0);
      FeatureMap before = backbone.extract(good);
      assertThatThrownBy(() -> backbone.extract(List.of(good, small.orElseThrow())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(small.orElseThrow().width() + "x" + small.orElseThrow().height());
      assertThat(backbone.extract(good)).isEqualTo(before);
    }
  }

  @Test
  void eightThreadsGiveWhatOneGives() throws Exception {
    List<RgbImage> images = images();
    try (Backbone backbone = open()) {
      List<FeatureMap> expected = oneByOne(backbone, images);
      CountDownLatch start = new CountDownLatch(THREADS);
      List<Callable<List<FeatureMap>>> tasks = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int shift = t;
        tasks.add(
            () -> {
              List<RgbImage> rotated = new ArrayList<>(images);
              Collections.rotate(rotated, shift);
              start.countDown();
              start.await();
              List<FeatureMap> maps = new ArrayList<>(backbone.extract(rotated));
              Collections.rotate(maps, -shift);
              return maps;
            });
      }
      for (List<FeatureMap> maps : run(tasks)) {
        assertThat(maps).isEqualTo(expected);
      }
    }
  }

  @Test
  void closeTwiceIsFineAndExtractAfterItIsRefused() throws Exception {
    Backbone backbone = open();
    RgbImage image = images().get(0);
    backbone.extract(image);
    backbone.close();
    backbone.close();
    assertThatThrownBy(() -> backbone.extract(image))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> backbone.extract(List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void closeDuringExtractionsEndsThemInTheRightMapOrARefusal() throws Exception {
    RgbImage image = images().get(0);
    Backbone backbone = open();
    FeatureMap expected = backbone.extract(image);
    CountDownLatch running = new CountDownLatch(3);
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      tasks.add(
          () -> {
            try {
              while (!Thread.currentThread().isInterrupted()) {
                assertThat(backbone.extract(image)).isEqualTo(expected);
                running.countDown();
              }
            } catch (IllegalStateException refusal) {
              assertThat(refusal).hasMessageContaining("closed");
            }
            return null;
          });
    }
    tasks.add(
        () -> {
          running.await();
          backbone.close();
          return null;
        });
    run(tasks);
  }

  private static List<FeatureMap> oneByOne(Backbone backbone, List<RgbImage> images) {
    List<FeatureMap> maps = new ArrayList<>();
    for (RgbImage image : images) {
      maps.add(backbone.extract(image));
    }
    return maps;
  }

  /** Runs each task on a thread of its own, ends with the first that fails, names a deadlock. */
  private <T> List<T> run(List<Callable<T>> tasks) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
    try {
      CompletionService<T> ended = new ExecutorCompletionService<>(executor);
      List<Future<T>> all = tasks.stream().map(ended::submit).toList();
      for (int i = 0; i < tasks.size(); i++) {
        Future<T> next = ended.poll(patience().toMillis(), TimeUnit.MILLISECONDS);
        if (next == null) {
          throw new AssertionError(
              "threads must end but " + (tasks.size() - i) + " ran on for " + patience());
        }
        next.get(); // Others may wait for one that failed.
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : all) {
        results.add(future.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }
}
