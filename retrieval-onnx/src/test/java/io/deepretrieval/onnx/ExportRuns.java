// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Exported files, run by ONNX Runtime and read by ONNX's own checker. */
final class ExportRuns {
  static final long SEED = 20261127L;
  private static final String PYTHON = "/usr/bin/python3";

  private ExportRuns() {}

  static List<RgbImage> noise(int count, int width, int height) {
    Random random = new Random(SEED);
    List<RgbImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[3 * width * height];
      random.nextBytes(bytes);
      images.add(RgbImage.copyOf(width, height, bytes));
    }
    return images;
  }

  /** [N,3,H,W], written without the code that the backbones use. */
  private static float[] input(List<RgbImage> images, Preprocessing preprocessing) {
    int width = images.get(0).width();
    int height = images.get(0).height();
    float[] values = new float[images.size() * 3 * height * width];
    int at = 0;
    for (RgbImage image : images) {
      for (int c = 0; c < 3; c++) {
        int shift = preprocessing.order() == Preprocessing.ChannelOrder.RGB ? 16 - 8 * c : 8 * c;
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            int value = image.rgb(x, y) >> shift & 0xFF;
            values[at++] =
                (float)
                    ((value * preprocessing.scale() - preprocessing.mean().get(c))
                        / preprocessing.std().get(c));
          }
        }
      }
    }
    return values;
  }

  /** Greatest difference between the file and the plan over the greatest value of the plan. */
  static double deviation(OrtSession session, Backbone network, int count, int width, int height)
      throws OrtException {
    List<RgbImage> images = noise(count, width, height);
    List<FeatureMap> expected = network.extract(images);
    float[] input = input(images, network.spec().preprocessing());
    double largest = 0;
    double difference = 0;
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                FloatBuffer.wrap(input),
                new long[] {count, 3, height, width});
        OrtSession.Result result =
            session.run(Map.of("image", tensor), Set.of(network.spec().layer()))) {
      OnnxTensor made = (OnnxTensor) result.get(0);
      FeatureMap first = expected.get(0);
      assertThat(made.getInfo().getShape())
          .containsExactly(count, first.channels(), first.height(), first.width());
      float[] actual = new float[made.getFloatBuffer().remaining()];
      made.getFloatBuffer().get(actual);
      int at = 0;
      for (FeatureMap map : expected) {
        for (float value : map.toChannelsFirst()) {
          largest = Math.max(largest, Math.abs(value));
          difference = Math.max(difference, Math.abs(value - actual[at++]));
        }
      }
    }
    assertThat(largest).as("largest value, seed " + SEED).isPositive();
    return difference / largest;
  }

  /** The same of a file run as a backbone, which takes all it needs from the file. */
  static double deviation(Path file, Backbone network, int count, int width, int height)
      throws IOException {
    List<RgbImage> images = noise(count, width, height);
    List<FeatureMap> expected = network.extract(images);
    double largest = 0;
    double difference = 0;
    try (OnnxBackbone backbone = OnnxBackbone.builder(file).threads(2).build()) {
      assertThat(backbone.spec().name()).isEqualTo(network.spec().name());
      assertThat(backbone.spec().layer()).isEqualTo(network.spec().layer());
      assertThat(backbone.spec().output()).isEqualTo(network.spec().output());
      assertThat(backbone.spec().preprocessing()).isEqualTo(network.spec().preprocessing());
      List<FeatureMap> actual = backbone.extract(images);
      for (int i = 0; i < count; i++) {
        assertThat(actual.get(i).toString()).isEqualTo(expected.get(i).toString());
        float[] e = expected.get(i).toChannelsFirst();
        float[] a = actual.get(i).toChannelsFirst();
        for (int j = 0; j < e.length; j++) {
          largest = Math.max(largest, Math.abs(e[j]));
          difference = Math.max(difference, Math.abs(e[j] - a[j]));
        }
      }
    }
    assertThat(largest).as("largest value, seed " + SEED).isPositive();
    return difference / largest;
  }

  static OrtSession open(Path file) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(2);
    return OrtEnvironment.getEnvironment().createSession(file.toString(), options);
  }

  /** Runs ONNX's own checker with shape inference; skips the test where it is not installed. */
  static void check(Path log, List<Path> files) throws IOException, InterruptedException {
    assumeThat(Files.isExecutable(Path.of(PYTHON)) && python(log, "import onnx", List.of()) == 0)
        .as("skipped: " + PYTHON + " has no onnx (Debian: python3-onnx)")
        .isTrue();
    assertThat(
            python(
                log,
                """
                import sys, onnx.checker
                for f in sys.argv[1:]:
                  onnx.checker.check_model(f, full_check=True)
                """,
                files))
        .as(() -> "exit code of the checker: " + text(log))
        .isZero();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int python(Path log, String program, List<Path> files)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON, "-c", program));
    files.forEach(file -> command.add(file.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start()
        .waitFor();
  }
}
