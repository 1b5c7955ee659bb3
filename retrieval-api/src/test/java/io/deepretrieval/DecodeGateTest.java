// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DecodeGateTest {
  private record Image(long pixels) implements DecodeGate.Sized {}

  /** Whatever the sizes and the timing, all arrive, and little more than the limit waits. */
  @Test
  @Timeout(60)
  void everythingArrivesAndLittleWaits() throws Exception {
    long seed = 20261124;
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      int threads = 1 + random.nextInt(4);
      long limit = 10;
      long largest = 25;
      DecodeGate gate = new DecodeGate(limit);
      AtomicLong waiting = new AtomicLong();
      AtomicLong most = new AtomicLong();
      AtomicInteger passed = new AtomicInteger();
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try {
        List<Future<Image>> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          Image image = new Image(1 + random.nextInt((int) largest));
          int pause = random.nextInt(200);
          all.add(
              pool.submit(
                  gate.gated(
                      i,
                      () -> {
                        passed.incrementAndGet();
                        TimeUnit.MICROSECONDS.sleep(pause);
                        most.accumulateAndGet(waiting.addAndGet(image.pixels), Math::max);
                        return image;
                      })));
        }
        for (int i = 0; i < 40; i++) {
          gate.await(i);
          Image image = all.get(i).get(20, TimeUnit.SECONDS);
          TimeUnit.MICROSECONDS.sleep(random.nextInt(300));
          waiting.addAndGet(-image.pixels);
          gate.taken(image);
        }
      } finally {
        pool.shutdownNow();
      }
      assertThat(passed).as("seed %d, round %d", seed, round).hasValue(40);
      // Each thread may have passed the gate just before the limit was reached.
      assertThat(most.get())
          .as("seed %d, round %d", seed, round)
          .isLessThan(limit + (threads + 1) * largest);
    }
  }

  @Test
  @Timeout(60)
  void nothingMoreIsDecodedWhileEnoughWaits() throws Exception {
    DecodeGate gate = new DecodeGate(10);
    AtomicInteger started = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(1);
    try {
      List<Future<Image>> all = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        all.add(
            pool.submit(
                gate.gated(
                    i,
                    () -> {
                      started.incrementAndGet();
                      return new Image(6);
                    })));
      }
      all.get(1).get(20, TimeUnit.SECONDS);
      TimeUnit.MILLISECONDS.sleep(50);
      assertThat(started).hasValue(2);
      gate.taken(all.get(0).get());
      all.get(2).get(20, TimeUnit.SECONDS);
      TimeUnit.MILLISECONDS.sleep(50);
      assertThat(started).hasValue(3);
      // The one that is waited for passes although enough waits.
      gate.await(3);
      all.get(3).get(20, TimeUnit.SECONDS);
      assertThat(started).hasValue(4);
    } finally {
      pool.shutdownNow();
    }
  }
}
