// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Images under decoding, in their order. For the thread that extracts; closing it ends the threads
 * that decode.
 */
final class DecodeAhead implements AutoCloseable {
  /** Reads one image. */
  @FunctionalInterface
  interface Decoding {
    List<RgbImage> decode(ExtractionItem item) throws ImageDecodeException;
  }

  private final Iterator<ExtractionItem> items;
  private final Decoding decoding;
  private final int most;
  private final ExecutorService decoders;
  private final DecodeGate gate;
  private final Deque<Pending> queue = new ArrayDeque<>();
  private long drawn;

  /** Starts the threads; at most so many items are drawn ahead as fill them or the batch. */
  DecodeAhead(
      Iterator<ExtractionItem> items, Decoding decoding, int threads, int batch, long pixels) {
    this.items = items;
    this.decoding = decoding;
    most = Math.max(threads, batch);
    gate = new DecodeGate(pixels);
    decoders =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "image-decoder");
              thread.setDaemon(true);
              return thread;
            });
  }

  private record Pending(ExtractionItem item, long number, Future<PreparedImage> prepared) {}

  /** Draws items until enough of them are under way. */
  void fill() {
    while (queue.size() < most && items.hasNext()) {
      ExtractionItem item = items.next();
      queue.add(
          new Pending(
              item,
              drawn,
              decoders.submit(gate.gated(drawn, () -> new PreparedImage(decoding.decode(item))))));
      drawn++;
    }
  }

  /** The item that {@link #take} gives; empty at the end. */
  Optional<ExtractionItem> next() {
    return Optional.ofNullable(queue.peek()).map(Pending::item);
  }

  /** Waits for the next image. */
  PreparedImage take() throws ImageDecodeException {
    Pending next = queue.remove();
    gate.await(next.number);
    PreparedImage prepared = await(next.prepared);
    gate.taken(prepared);
    return prepared;
  }

  private static PreparedImage await(Future<PreparedImage> future) throws ImageDecodeException {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("extraction was interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof ImageDecodeException decode) {
        throw decode;
      }
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("decoding failed", cause);
    }
  }

  @Override
  public void close() {
    decoders.shutdownNow();
  }
}
