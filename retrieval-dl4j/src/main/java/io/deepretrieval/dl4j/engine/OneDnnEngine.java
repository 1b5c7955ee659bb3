// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * A compiled plan on the CPU. It has one or more arenas, each a thread with a slab of memory and
 * the programs of the shapes that it saw last; all share the weights. A caller gets a free arena or
 * waits for one, so that the number of threads in oneDNN is bounded whatever the number of callers.
 */
public final class OneDnnEngine implements InferenceEngine {
  private static final int PROGRAMS_EACH = 8;

  /** What instruction sets of AVX-512 have and no other has. */
  private static final int ANY_AVX512 =
      (dnnl.dnnl_cpu_isa_avx512_mic | dnnl.dnnl_cpu_isa_avx512_core) & ~dnnl.dnnl_cpu_isa_avx2;

  private final String name;
  private final NetworkPlan plan;
  private final boolean blocks;
  private final engine engine;
  private final OneDnnWeights weights;
  // Empty is what a waiting caller gets when the engine is closed.
  private final BlockingQueue<Optional<Arena>> free;
  private final List<Arena> arenas = new ArrayList<>();
  private boolean closed;

  /**
   * Makes an engine.
   *
   * @param name of the backbone, for messages
   * @param plan the network
   * @param concurrency number of arenas
   * @param threads threads of oneDNN in each; 0 for its default
   */
  public OneDnnEngine(String name, NetworkPlan plan, int concurrency, int threads) {
    this(name, plan, concurrency, threads, prefersBlocks(dnnl.dnnl_get_effective_cpu_isa()));
  }

  /**
   * Makes an engine of a layout.
   *
   * @param blocks whether values lie in blocks of channels where the plan allows it, and not
   *     channel after channel of a pixel
   */
  public OneDnnEngine(String name, NetworkPlan plan, int concurrency, int threads, boolean blocks) {
    this.name = name;
    this.plan = plan;
    this.blocks = blocks;
    this.engine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    this.weights = new OneDnnWeights(engine);
    this.free = new ArrayBlockingQueue<>(concurrency);
    for (int i = 0; i < concurrency; i++) {
      Arena arena = new Arena(i, threads);
      arenas.add(arena);
      free.add(Optional.of(arena));
    }
  }

  /**
   * x86 without AVX-512: oneDNN's kernels of AVX2 are made for blocks, those of AVX-512 for pixels.
   */
  static boolean prefersBlocks(int isa) {
    return (isa & dnnl.dnnl_cpu_isa_sse41) != 0 && (isa & ANY_AVX512) == 0;
  }

  @Override
  public List<FeatureMap> run(int batch, int height, int width, Consumer<FloatBuffer> fill) {
    Optional<Arena> arena;
    try {
      arena = free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("extraction was interrupted", e);
    }
    try {
      return arena
          .orElseThrow(() -> new IllegalStateException("backbone is closed: " + name))
          .run(batch, height, width, fill);
    } finally {
      free.add(arena);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    // Taking every arena waits for the runs under way.
    boolean interrupted = false;
    for (int taken = 0; taken < arenas.size(); ) {
      try {
        free.take();
        taken++;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    free.add(Optional.empty());
    arenas.forEach(Arena::close);
    weights.close();
    engine.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private record Shape(int batch, int height, int width) {}

  /** A thread with its memory and programs. All but the constructor runs on that thread. */
  private final class Arena {
    private final ExecutorService thread;
    private final Map<Shape, OneDnnProgram> programs =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Shape, OneDnnProgram> eldest) {
            boolean full = size() > PROGRAMS_EACH;
            if (full) {
              eldest.getValue().close();
            }
            return full;
          }
        };
    private @Nullable BytePointer slab;
    private @Nullable stream stream;

    Arena(int number, int threads) {
      thread =
          Executors.newSingleThreadExecutor(
              task -> {
                Thread t = new Thread(task, "retrieval-engine-" + number);
                t.setDaemon(true);
                return t;
              });
      if (threads > 0) {
        Nd4jBackend.require();
        // OpenMP keeps its thread count for each calling thread, so it is set on the arena's own.
        await(
            thread.submit(
                () -> {
                  NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
                  return null;
                }));
      }
    }

    List<FeatureMap> run(int batch, int height, int width, Consumer<FloatBuffer> fill) {
      return await(thread.submit(() -> compute(new Shape(batch, height, width), fill)));
    }

    private List<FeatureMap> compute(Shape shape, Consumer<FloatBuffer> fill) {
      stream s = stream;
      if (s == null) {
        s = new stream(engine);
        stream = s;
      }
      OneDnnProgram program = programs.get(shape);
      if (program == null) {
        program =
            new OneDnnProgram(
                plan, weights, engine, s, blocks, shape.batch, shape.height, shape.width);
        programs.put(shape, program);
      }
      Slab memory = slab(program.slabBytes(), shape);
      int inputs = shape.batch * shape.height * shape.width * plan.inputChannels();
      fill.accept(memory.floats(program.inputOffset(), inputs).asBuffer());
      program.run(memory, s);
      int[] out = program.outputShape();
      int each = out[0] * out[1] * out[2];
      List<FeatureMap> maps = new ArrayList<>(shape.batch);
      for (int i = 0; i < shape.batch; i++) {
        float[] values = new float[each];
        memory.floats(program.outputOffset() + 4L * i * each, each).get(values);
        maps.add(FeatureMap.ofOwned(out[0], out[1], out[2], values));
      }
      return maps;
    }

    /** Memory of at least that many bytes, at a whole cache line, which kernels are fastest on. */
    private Slab slab(long bytes, Shape shape) {
      BytePointer current = slab;
      if (current == null || current.capacity() < bytes + Slab.ALIGNMENT) {
        slab = null;
        release(current);
        try {
          current = new BytePointer(bytes + Slab.ALIGNMENT);
        } catch (OutOfMemoryError e) {
          throw new IllegalStateException(
              "extraction of "
                  + shape.batch
                  + " image(s) of "
                  + shape.width
                  + "x"
                  + shape.height
                  + " needs "
                  + (bytes >> 20)
                  + " MB of native memory, of which there is not enough: use smaller images or a"
                  + " smaller batch, or raise -Dorg.bytedeco.javacpp.maxbytes and maxphysicalbytes",
              e);
        }
        slab = current;
      }
      return Slab.in(current);
    }

    void close() {
      await(
          thread.submit(
              () -> {
                programs.values().forEach(OneDnnProgram::close);
                programs.clear();
                release(slab);
                release(stream);
                return null;
              }));
      thread.shutdown();
    }

    private static void release(@Nullable Pointer pointer) {
      if (pointer != null) {
        pointer.deallocate();
      }
    }
  }

  static <T> T await(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          // The arena must be idle before it goes back, so the run is waited for.
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("inference failed", cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
