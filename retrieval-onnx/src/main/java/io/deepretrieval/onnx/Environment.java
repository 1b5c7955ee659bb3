// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.FutureTask;

/**
 * The environment of ONNX Runtime, made on a thread with a large stack.
 *
 * <p>ONNX Runtime 1.29 recurses as deep as the command line of the process is long when it is made:
 * on a stack of 2 MiB a class path of 8 kB ends the Java machine with a segmentation fault.
 */
final class Environment {
  /** Address space only, the system gives memory where it is touched. */
  private static final long STACK = 256L << 20;

  private static final OrtEnvironment SHARED = make();

  private Environment() {}

  /** Returns the one environment of the process, which is thread-safe. */
  static OrtEnvironment shared() {
    return SHARED;
  }

  private static OrtEnvironment make() {
    FutureTask<OrtEnvironment> task = new FutureTask<>(OrtEnvironment::getEnvironment);
    Thread thread = new Thread(null, task, "onnxruntime-start", STACK);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (java.util.concurrent.ExecutionException e) {
          throw new IllegalStateException("ONNX Runtime could not start: " + e.getCause(), e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
