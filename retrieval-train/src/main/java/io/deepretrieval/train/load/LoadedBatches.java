// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.SkippedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Batches that are being loaded. For one thread that takes them, beside the threads that load.
 *
 * <p>The threads end when the last image is loaded, when this is closed, and when {@link #next}
 * throws.
 */
public final class LoadedBatches implements Iterator<LoadedBatch>, AutoCloseable {
  /** What a small image costs besides its pixels, in pixels. */
  private static final long LEAST_COST = 1024;

  private sealed interface Outcome permits Loaded, Skipped, Failed {}

  private record Loaded(RgbImage pixels) implements Outcome {}

  private record Skipped(SkippedImage image) implements Outcome {}

  private record Failed(Throwable error) implements Outcome {}

  private final ImageLoader loader;
  private final int epoch;
  private final List<int[]> batches;
  private final int[] plan;
  private final List<Thread> threads = new ArrayList<>();
  private int step;
  private int taken;

  private final Object lock = new Object();

  // Below: guarded by the lock.
  private final Map<Integer, Outcome> ready = new HashMap<>();
  private int begun;
  private int loading;
  private long held;
  private long largest;
  private boolean closed;

  LoadedBatches(ImageLoader loader, int epoch, List<int[]> batches, int fromStep) {
    this.loader = loader;
    this.epoch = epoch;
    this.batches = batches.stream().map(int[]::clone).toList();
    step = fromStep;
    plan =
        this.batches.subList(fromStep, batches.size()).stream()
            .flatMapToInt(Arrays::stream)
            .toArray();
    largest = Math.max(LEAST_COST, loader.augmentation().pixels());
  }

  void start() {
    int count = Math.min(loader.threads(), plan.length);
    for (int i = 1; i <= count; i++) {
      Thread thread = new Thread(this::work, "image-loader-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** For tests. */
  List<Thread> threads() {
    return List.copyOf(threads);
  }

  private void work() {
    while (true) {
      int at;
      synchronized (lock) {
        while (!closed && begun < plan.length && !hasRoom()) {
          try {
            lock.wait();
          } catch (InterruptedException e) {
            // Only closing interrupts these threads.
            return;
          }
        }
        if (closed || begun == plan.length) {
          return;
        }
        at = begun++;
        loading++;
      }
      Outcome outcome = load(plan[at]);
      synchronized (lock) {
        loading--;
        if (closed) {
          return;
        }
        ready.put(at, outcome);
        long cost = cost(outcome);
        held += cost;
        largest = Math.max(largest, cost);
        lock.notifyAll();
      }
    }
  }

  /** Images that are being loaded count like the largest so far. */
  private boolean hasRoom() {
    return (loading == 0 && ready.isEmpty())
        || held + (loading + 1) * largest <= loader.pixelsAhead();
  }

  private static long cost(Outcome outcome) {
    return outcome instanceof Loaded loaded
        ? Math.max(LEAST_COST, (long) loaded.pixels().width() * loaded.pixels().height())
        : LEAST_COST;
  }

  private Outcome load(int image) {
    try {
      ImageSource source = loader.images().source(image);
      try {
        RgbImage decoded = loader.decoder().decode(source);
        long seed = Augmentation.seed(loader.seed(), epoch, image);
        return new Loaded(loader.augmentation().apply(decoded, seed));
      } catch (ImageDecodeException e) {
        return new Skipped(new SkippedImage(source.name(), String.valueOf(e.getMessage())));
      }
    } catch (RuntimeException | Error e) {
      // Thrown again where the batch is taken.
      return new Failed(e);
    }
  }

  @Override
  public boolean hasNext() {
    return step < batches.size();
  }

  /**
   * Takes the next batch, as soon as it is loaded.
   *
   * @return its images
   * @throws NoSuchElementException if there is none
   * @throws IllegalStateException if this is closed, or the thread is interrupted, which it stays
   */
  @Override
  public LoadedBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("epoch has " + batches.size() + " batches and no more");
    }
    List<LoadedBatch.Image> kept = new ArrayList<>();
    List<SkippedImage> skipped = new ArrayList<>();
    int[] images = batches.get(step);
    for (int row = 0; row < images.length; row++) {
      Outcome outcome = take();
      if (outcome instanceof Loaded loaded) {
        int label = loader.images().label(images[row]);
        kept.add(new LoadedBatch.Image(row, images[row], label, loaded.pixels()));
      } else if (outcome instanceof Skipped skip) {
        skipped.add(skip.image());
      } else if (outcome instanceof Failed failed) {
        close();
        if (failed.error() instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) failed.error();
      }
    }
    return new LoadedBatch(step++, kept, skipped);
  }

  private Outcome take() {
    synchronized (lock) {
      try {
        while (!closed && !ready.containsKey(taken)) {
          lock.wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stop();
        throw new IllegalStateException("loading was interrupted at batch " + step, e);
      }
      Outcome outcome = ready.remove(taken);
      if (closed || outcome == null) {
        throw new IllegalStateException("batches are closed");
      }
      taken++;
      held -= cost(outcome);
      lock.notifyAll();
      return outcome;
    }
  }

  /** Tells the threads to end and lets go of the images. */
  private void stop() {
    synchronized (lock) {
      closed = true;
      ready.clear();
      lock.notifyAll();
    }
    threads.forEach(Thread::interrupt);
  }

  /**
   * Ends the loading and waits for the threads, which finish the images that they are decoding. May
   * be called twice. If the waiting thread is interrupted it stays so and waits no longer.
   */
  @Override
  public void close() {
    stop();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
