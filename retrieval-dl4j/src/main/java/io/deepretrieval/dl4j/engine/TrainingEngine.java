// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Runs a plan forward and backward on the CPU, on a thread of its own, so that the number of OpenMP
 * threads is the one asked for, in any calling thread. Programs of the last few input shapes are
 * kept.
 *
 * <p>For one caller at a time.
 */
public final class TrainingEngine implements AutoCloseable {
  private static final int PROGRAMS = 4;

  private final NetworkPlan plan;
  private final IntPredicate trained;
  private final engine engine;
  private final TrainingWeights weights;
  private final ExecutorService thread;
  private final Map<List<Integer>, TrainingProgram> programs =
      new LinkedHashMap<>(8, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, TrainingProgram> eldest) {
          boolean full = size() > PROGRAMS;
          if (full) {
            eldest.getValue().close();
          }
          return full;
        }
      };
  private @Nullable stream stream;
  private @Nullable TrainingProgram current;
  private boolean closed;

  public TrainingEngine(NetworkPlan plan, IntPredicate trained, int threads) {
    Loader.load(org.bytedeco.dnnl.global.dnnl.class);
    this.plan = plan;
    this.trained = trained;
    this.engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    this.weights = new TrainingWeights(plan, engine);
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread t = new Thread(task, "retrieval-training");
              t.setDaemon(true);
              return t;
            });
    if (threads > 0) {
      run(
          () -> {
            NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
            return threads;
          });
    }
  }

  private <T> T run(java.util.concurrent.Callable<T> work) {
    return OneDnnEngine.await(thread.submit(work));
  }

  public TrainingWeights weights() {
    return weights;
  }

  public List<FeatureMap> forward(int batch, int height, int width, Consumer<FloatBuffer> fill) {
    return run(
        () -> {
          stream s = stream;
          if (s == null) {
            s = new stream(engine);
            stream = s;
          }
          List<Integer> shape = List.of(batch, height, width);
          TrainingProgram program = programs.get(shape);
          if (program == null) {
            program = new TrainingProgram(plan, weights, engine, s, trained, batch, height, width);
            programs.put(shape, program);
          }
          weights.refresh(s);
          current = program;
          fill.accept(program.input().asBuffer());
          program.forward();
          int[] out = program.outputShape();
          int each = out[0] * out[1] * out[2];
          FloatPointer result = program.output();
          List<FeatureMap> maps = new ArrayList<>();
          for (int i = 0; i < batch; i++) {
            float[] values = new float[each];
            result.position((long) i * each).get(values);
            maps.add(FeatureMap.ofOwned(out[0], out[1], out[2], values));
          }
          return maps;
        });
  }

  /** Carries the gradients of the last {@link #forward} back, once. */
  public void backward(List<FeatureMap> gradients) {
    run(
        () -> {
          TrainingProgram program = current;
          if (program == null) {
            throw new IllegalStateException("backward must follow a forward, once each");
          }
          current = null;
          FloatBuffer buffer = program.outputGradient().asBuffer();
          gradients.forEach(map -> buffer.put(map.sharedValues()));
          program.backward();
          return program;
        });
  }

  /** Native memory of the programs. */
  public long bytes() {
    return run(() -> programs.values().stream().mapToLong(TrainingProgram::bytes).sum());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    run(
        () -> {
          programs.values().forEach(TrainingProgram::close);
          programs.clear();
          weights.close();
          if (stream != null) {
            stream.deallocate();
          }
          engine.close();
          return plan;
        });
    thread.shutdown();
  }
}
