// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.concurrent.Callable;

/**
 * Bounds how many pixels wait decoded: a task that would decode more waits until some are taken,
 * unless it is the one that is waited for. Thread-safe.
 */
final class DecodeGate {
  private final long limit;
  private long ready;
  private long awaited;

  DecodeGate(long limit) {
    this.limit = limit;
  }

  /** A decoded image with its pixels. */
  interface Sized {
    long pixels();
  }

  /** Makes a task that waits for its turn. */
  <T extends Sized> Callable<T> gated(long number, Callable<T> decode) {
    return () -> {
      enter(number);
      T image = decode.call();
      synchronized (this) {
        ready += image.pixels();
      }
      return image;
    };
  }

  private synchronized void enter(long number) throws InterruptedException {
    while (ready >= limit && number > awaited) {
      wait();
    }
  }

  /** Lets the task of a number pass, whatever waits already. */
  synchronized void await(long number) {
    awaited = number;
    notifyAll();
  }

  /** Says that an image waits no more. */
  synchronized void taken(Sized image) {
    ready -= image.pixels();
    notifyAll();
  }
}
