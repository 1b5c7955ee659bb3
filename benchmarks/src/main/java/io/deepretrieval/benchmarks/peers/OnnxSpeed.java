// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.onnx.OnnxBackbone;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Times the forward pass of an ONNX file, by the bare runtime from floats to its own output or by
 * the backbone from 8-bit images to feature maps, and prints one line of JSON as {@link
 * ForwardSpeed} does.
 *
 * <p>Arguments: file, width, height, batch, rounds, threads, {@code bare} or {@code backbone}.
 */
public final class OnnxSpeed {
  private OnnxSpeed() {}

  private interface Run {
    void once() throws OrtException;
  }

  /**
   * Runs the measurement.
   *
   * @param args file, width, height, batch, rounds, threads, bare or backbone
   * @throws IOException if the file or the peak of memory cannot be read
   * @throws OrtException if the runtime refuses
   */
  public static void main(String[] args) throws IOException, OrtException {
    int width = Integer.parseInt(args[1]);
    int height = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[4]);
    int threads = Integer.parseInt(args[5]);
    switch (args[6]) {
      case "bare" -> bare(args[0], width, height, batch, rounds, threads);
      case "backbone" -> backbone(args[0], width, height, batch, rounds, threads);
      default ->
          throw new IllegalArgumentException(
              "last argument must be bare or backbone but was '" + args[6] + "'");
    }
  }

  private static void bare(String file, int width, int height, int batch, int rounds, int threads)
      throws IOException, OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    FloatBuffer floats =
        ByteBuffer.allocateDirect(12 * batch * width * height)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    Random random = new Random(1);
    for (int i = 0; i < floats.capacity(); i++) {
      floats.put(i, (float) random.nextGaussian());
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      try (OrtSession session = environment.createSession(file, options);
          OnnxTensor input =
              OnnxTensor.createTensor(environment, floats, new long[] {batch, 3, height, width})) {
        String name = session.getInputNames().iterator().next();
        time(rounds, () -> session.run(Map.of(name, input)).close());
      }
    }
  }

  private static void backbone(
      String file, int width, int height, int batch, int rounds, int threads)
      throws IOException, OrtException {
    Random random = new Random(1);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      byte[] bytes = new byte[3 * width * height];
      random.nextBytes(bytes);
      images.add(RgbImage.copyOf(width, height, bytes));
    }
    try (OnnxBackbone backbone =
        OnnxBackbone.builder(Path.of(file))
            .preprocessing(Preprocessing.TORCH)
            .threads(threads)
            .build()) {
      time(
          rounds,
          () -> {
            if (backbone.extract(images).size() != batch) {
              throw new IllegalStateException("an image has no map");
            }
          });
    }
  }

  private static void time(int rounds, Run run) throws IOException, OrtException {
    double[] ms = new double[rounds];
    for (int i = -2; i < rounds; i++) {
      long start = System.nanoTime();
      run.once();
      if (i >= 0) {
        ms[i] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(ms);
    System.out.printf(
        Locale.ROOT, "{\"ms\": %.2f, \"peak_mb\": %d}%n", ms[rounds / 2], Measured.peakMegabytes());
  }
}
