// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** A file that ONNX Runtime has loaded. Thread-safe; {@link #close} must wait for the runs. */
final class OnnxSession implements AutoCloseable {
  /** Takes the output of a run. */
  interface Reader<T> {
    T read(long[] shape, float[] values);
  }

  private final Path file;
  private final OrtSession session;
  private final Map<String, NodeInfo> inputs;
  private final Map<String, NodeInfo> outputs;

  private OnnxSession(Path file, OrtSession session) throws OrtException {
    this.file = file;
    this.session = session;
    this.inputs = session.getInputInfo();
    this.outputs = session.getOutputInfo();
  }

  /**
   * Loads a file.
   *
   * @param file which was checked
   * @param threads that work on one image, 0 for all cores
   * @param cuda number of a CUDA device, or less than 0 for the CPU
   * @return a session, which the caller closes
   * @throws IOException if the runtime does not take the file
   * @throws IllegalArgumentException if the device cannot be used
   */
  static OnnxSession open(Path file, int threads, int cuda) throws IOException {
    // Before the options, which would start the runtime on the caller's stack.
    OrtEnvironment environment = Environment.shared();
    OrtSession session = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (cuda >= 0) {
        cuda(options, cuda);
      }
      session = environment.createSession(file.toString(), options);
      OnnxSession opened = new OnnxSession(file, session);
      session = null;
      return opened;
    } catch (OrtException e) {
      throw new IOException("ONNX file " + file + " is not taken by ONNX Runtime: " + line(e), e);
    } finally {
      if (session != null) {
        close(session);
      }
    }
  }

  private static void cuda(OrtSession.SessionOptions options, int device) {
    try {
      options.addCUDA(device);
    } catch (OrtException | LinkageError e) {
      throw new IllegalArgumentException(
          "device cuda:"
              + device
              + " must have com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime, a"
              + " driver and CUDA 12: "
              + line(e),
          e);
    }
  }

  private static String line(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  Map<String, NodeInfo> inputs() {
    return inputs;
  }

  Map<String, NodeInfo> outputs() {
    return outputs;
  }

  /**
   * Runs the network on one image.
   *
   * @param signature the input and the output
   * @param planes the input
   * @param height rows of it
   * @param width columns of it
   * @param size the image's, for the message
   * @param reader takes the output
   * @return what the reader made of it
   * @throws IllegalArgumentException if the network cannot run on the image
   */
  <T> T run(
      OnnxSignature signature,
      FloatBuffer planes,
      int height,
      int width,
      String size,
      Reader<T> reader) {
    try (OnnxTensor in =
            OnnxTensor.createTensor(
                Environment.shared(), planes, new long[] {1, 3, height, width});
        OrtSession.Result result =
            session.run(Map.of(signature.input(), in), Set.of(signature.output()))) {
      OnnxTensor out = (OnnxTensor) result.get(0);
      return reader.read(out.getInfo().getShape(), out.getFloatBuffer().array());
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " cannot run on an image of " + size + ": " + line(e), e);
    }
  }

  @Override
  public void close() {
    close(session);
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not close a session: " + line(e), e);
    }
  }
}
