// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The caller and up to T - 1 helpers.
 *
 * <p>The caller never waits for a helper that has not begun, so a search inside a search, a busy
 * pool or a closed one costs speed only. Threads are daemons and end when idle.
 */
final class WorkerPool {
  /** One of the workers of a run. */
  @FunctionalInterface
  interface Worker extends AutoCloseable {
    /** Does one task. */
    void run(int task);

    /** Gives scratch memory back. */
    @Override
    default void close() {}
  }

  private final int threads;
  private final ThreadPoolExecutor helpers;

  WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but was " + threads);
    }
    this.threads = threads;
    AtomicInteger number = new AtomicInteger();
    this.helpers =
        new ThreadPoolExecutor(
            Math.max(1, threads - 1),
            Math.max(1, threads - 1),
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "exact-search-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    helpers.allowCoreThreadTimeOut(true);
  }

  /**
   * Does tasks 0 to {@code tasks - 1}, each once, by as many workers as there are threads.
   *
   * @return the workers that took part, for their results; the caller closes them
   */
  <W extends Worker> List<W> run(int tasks, Supplier<W> newWorker) {
    Run<W> run = new Run<>(tasks, newWorker);
    List<Helper> started = new ArrayList<>();
    for (int i = 1; i < Math.min(threads, tasks); i++) {
      Helper helper = new Helper(run::work);
      started.add(helper);
      try {
        helpers.execute(helper);
      } catch (RejectedExecutionException e) {
        break; // Closed meanwhile; the caller does the work.
      }
    }
    run.work();
    started.forEach(Helper::dismiss);
    return run.result();
  }

  /** Lets the helpers end after what they are doing. */
  void shutdown() {
    helpers.shutdown();
  }

  private static final class Run<W extends Worker> {
    private final int tasks;
    private final Supplier<W> newWorker;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<W> workers = new ArrayList<>();

    Run(int tasks, Supplier<W> newWorker) {
      this.tasks = tasks;
      this.newWorker = newWorker;
    }

    void work() {
      try {
        int task = next.getAndIncrement();
        if (task >= tasks) {
          return;
        }
        W worker = newWorker.get();
        synchronized (workers) {
          workers.add(worker);
        }
        for (; task < tasks; task = next.getAndIncrement()) {
          worker.run(task);
        }
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(tasks);
      }
    }

    List<W> result() {
      Throwable thrown = failure.get();
      if (thrown == null) {
        return workers;
      }
      workers.forEach(Worker::close);
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }
  }

  private static final class Helper implements Runnable {
    private final Runnable work;
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);

    Helper(Runnable work) {
      this.work = work;
    }

    @Override
    public void run() {
      if (taken.compareAndSet(false, true)) {
        try {
          work.run();
        } finally {
          done.countDown();
        }
      }
    }

    /** Waits if it has begun, and keeps it from beginning if not. */
    void dismiss() {
      if (taken.compareAndSet(false, true)) {
        return;
      }
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true; // The helper writes into our memory: wait for it all the same.
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
