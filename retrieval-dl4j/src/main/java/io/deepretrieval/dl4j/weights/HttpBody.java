// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A body that is read piece by piece by one thread, with a bound on the wait for each. The stream
 * of the JDK has no such bound, and in 17 it swallows interrupts.
 */
final class HttpBody implements BodySubscriber<HttpBody> {
  private record Piece(List<ByteBuffer> buffers, @Nullable Throwable error, boolean last) {}

  private final CompletableFuture<HttpBody> ready = new CompletableFuture<>();
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private volatile @Nullable Subscription subscription;

  @Override
  public CompletionStage<HttpBody> getBody() {
    return ready;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(1);
    ready.complete(this);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    pieces.add(new Piece(buffers, null, false));
  }

  @Override
  public void onError(Throwable error) {
    pieces.add(new Piece(List.of(), error, true));
    ready.complete(this);
  }

  @Override
  public void onComplete() {
    pieces.add(new Piece(List.of(), null, true));
    ready.complete(this);
  }

  /**
   * The next bytes; {@code null} at the end.
   *
   * @throws HttpTimeoutException if none came within the time
   * @throws IOException if the connection broke
   */
  @Nullable List<ByteBuffer> next(Duration within) throws IOException, InterruptedException {
    Piece piece = pieces.poll(within.toMillis(), TimeUnit.MILLISECONDS);
    if (piece == null) {
      throw new HttpTimeoutException("no byte within " + within.toMillis() + " ms");
    }
    if (piece.error() != null) {
      throw new IOException(piece.error());
    }
    if (piece.last()) {
      return null;
    }
    Subscription given = subscription;
    if (given != null) {
      given.request(1);
    }
    return piece.buffers();
  }

  /** Wants no more of it. */
  void cancel() {
    Subscription given = subscription;
    if (given != null) {
      given.cancel();
    }
  }
}
