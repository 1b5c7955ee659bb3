// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

/**
 * The kernels and biases of a plan while they are trained: the values and gradients as Java arrays,
 * which the optimizer works on, and copies in the layouts that oneDNN asked for, which are renewed
 * when the values have changed.
 *
 * <p>Not thread-safe.
 */
public final class TrainingWeights implements AutoCloseable {
  /** What one convolution has. */
  public static final class Entry implements Weights {
    public final Conv conv;
    public final int inputChannels;
    public final float[] kernel;
    public final float[] bias;
    private float @Nullable [] kernelGradient;
    private float @Nullable [] biasGradient;
    private final Map<memory.desc, Packed> packed = new LinkedHashMap<>();
    private @Nullable FloatPointer nativeBias;
    private @Nullable memory biasMemory;

    Entry(Conv conv, int inputChannels) {
      this.conv = conv;
      this.inputChannels = inputChannels;
      this.kernel = conv.weights().kernel();
      this.bias = conv.weights().bias();
    }

    /** d loss / d kernel, {@code [O, I/groups, kH, kW]}, summed since it was cleared. */
    public float[] kernelGradient() {
      float[] gradient = kernelGradient;
      if (gradient == null) {
        gradient = new float[kernel.length];
        kernelGradient = gradient;
      }
      return gradient;
    }

    /** d loss / d bias, {@code [O]}, summed since it was cleared. */
    public float[] biasGradient() {
      float[] gradient = biasGradient;
      if (gradient == null) {
        gradient = new float[bias.length];
        biasGradient = gradient;
      }
      return gradient;
    }

    @Override
    public float[] kernel() {
      return kernel.clone();
    }

    @Override
    public float[] bias() {
      return bias.clone();
    }
  }

  private record Packed(memory memory, reorder reorder, IntMemoryMap arguments) {}

  private final engine engine;
  private final NativeOwner natives = new NativeOwner();
  private final Map<Integer, Entry> entries = new LinkedHashMap<>();
  private final FloatPointer staging;
  private final long stagingValues;
  private boolean changed;

  TrainingWeights(NetworkPlan plan, engine engine) {
    this.engine = engine;
    long most = 1;
    List<Integer> channels = new ArrayList<>(List.of(plan.inputChannels()));
    for (int i = 0; i < plan.steps().size(); i++) {
      if (plan.steps().get(i) instanceof Conv conv) {
        Entry entry = new Entry(conv, channels.get(conv.input()));
        entries.put(i, entry);
        most = Math.max(most, entry.kernel.length);
      }
      channels.add(plan.steps().get(i).channels());
    }
    stagingValues = most;
    staging = natives.keep(new FloatPointer(most));
  }

  public Entry entry(int step) {
    return Objects.requireNonNull(entries.get(step), () -> "step " + step);
  }

  public Map<Integer, Entry> entries() {
    return entries;
  }

  /** Values to keep one kernel. */
  long largestKernel() {
    return stagingValues;
  }

  /** Tells that values were changed, so that {@link #refresh} copies them. */
  public void markChanged() {
    changed = true;
  }

  /** The kernel of a step in a layout, from the next {@link #refresh} on. */
  memory kernel(int step, memory.desc wanted, stream stream) {
    Entry entry = entry(step);
    for (Map.Entry<memory.desc, Packed> known : entry.packed.entrySet()) {
      if (known.getKey().equals(wanted)) {
        return known.getValue().memory;
      }
    }
    memory.desc plain = OneDnnWeights.plainLayout(entry.conv, entry.inputChannels);
    memory to = natives.keep(new memory(wanted, engine));
    IntMemoryMap arguments = natives.keep(new IntMemoryMap());
    arguments.put(DNNL_ARG_FROM, natives.keep(new memory(plain, engine, staging)));
    arguments.put(DNNL_ARG_TO, to);
    reorder reorder =
        natives.keep(
            new reorder(
                new reorder.primitive_desc(
                    engine, plain, engine, wanted, new primitive_attr(), false)));
    Packed packed = new Packed(to, reorder, arguments);
    entry.packed.put(natives.keep(new memory.desc(wanted)), packed);
    staging.put(entry.kernel, 0, entry.kernel.length);
    reorder.execute(stream, arguments);
    stream._wait();
    return to;
  }

  /** The bias of a step. */
  memory bias(int step) {
    Entry entry = entry(step);
    memory known = entry.biasMemory;
    if (known == null) {
      FloatPointer values = natives.keep(new FloatPointer(entry.bias));
      known = natives.keep(new memory(OneDnnWeights.biasDesc(entry.conv), engine, values));
      entry.nativeBias = values;
      entry.biasMemory = known;
    }
    return known;
  }

  /** Copies changed values to every layout. */
  void refresh(stream stream) {
    if (!changed) {
      return;
    }
    for (Entry entry : entries.values()) {
      if (!entry.packed.isEmpty()) {
        staging.put(entry.kernel, 0, entry.kernel.length);
      }
      for (Packed packed : entry.packed.values()) {
        packed.reorder.execute(stream, packed.arguments);
      }
      stream._wait();
      FloatPointer values = entry.nativeBias;
      if (values != null) {
        values.put(entry.bias, 0, entry.bias.length);
      }
    }
    changed = false;
  }

  @Override
  public void close() {
    natives.close();
    entries.values().forEach(entry -> entry.packed.clear());
  }
}
