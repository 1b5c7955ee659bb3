// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import io.deepretrieval.format.SafetensorsFile.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Tensors by name in a file of weights, whatever its format. */
public interface NamedTensors extends Closeable {
  /** The file. */
  Path file();

  /** All names, in the order of the file. */
  Set<String> names();

  /** Sizes of one of the names, outermost first. */
  List<Integer> shape(String name);

  /** Reads the values of one of the names, row-major, into a new array. */
  float[] read(String name) throws IOException;

  /** Opens a file of torch or a safetensors file, by its first bytes. */
  static NamedTensors open(Path file) throws IOException {
    if (!TorchFile.isTorch(file)) {
      return of(file, SafetensorsFile.read(file));
    }
    TorchFile torch = TorchFile.open(file);
    try {
      return of(torch);
    } catch (IOException e) {
      torch.close();
      throw e;
    }
  }

  private static NamedTensors of(Path file, Map<String, Tensor> tensors) {
    return new NamedTensors() {
      @Override
      public Path file() {
        return file;
      }

      @Override
      public Set<String> names() {
        return tensors.keySet();
      }

      @Override
      public List<Integer> shape(String name) {
        return Objects.requireNonNull(tensors.get(name), name).shape();
      }

      @Override
      public float[] read(String name) {
        return Objects.requireNonNull(tensors.get(name), name).values().clone();
      }

      @Override
      public void close() {}
    };
  }

  /**
   * The tensors of the state_dict in a file of torch: its object itself or the member {@code
   * state_dict} or {@code model_state} of it. A prefix {@code module.} of all names, which training
   * on several devices leaves, is taken off.
   *
   * @param torch the file (owned: closed with these)
   * @throws IOException if there is none
   */
  static NamedTensors of(TorchFile torch) throws IOException {
    Object state = torch.root();
    if (torch.root() instanceof Map<?, ?> root) {
      for (String member : List.of("state_dict", "model_state")) {
        if (root.get(member) instanceof Map<?, ?> inner) {
          state = inner;
        }
      }
    }
    Map<String, StoredTensor> found = new LinkedHashMap<>();
    if (state instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (value instanceof StoredTensor tensor) {
              found.put(name.toString(), tensor);
            }
          });
    }
    if (found.isEmpty()) {
      throw TorchFile.broken(
          torch.file(), new IOException("it must hold a state_dict of tensors but holds none"));
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    boolean prefixed = found.keySet().stream().allMatch(name -> name.startsWith("module."));
    found.forEach((name, tensor) -> tensors.put(prefixed ? name.substring(7) : name, tensor));
    return new NamedTensors() {
      @Override
      public Path file() {
        return torch.file();
      }

      @Override
      public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
      }

      @Override
      public List<Integer> shape(String name) {
        return Objects.requireNonNull(tensors.get(name), name).shape();
      }

      @Override
      public float[] read(String name) throws IOException {
        return torch.read(name, Objects.requireNonNull(tensors.get(name), name));
      }

      @Override
      public void close() throws IOException {
        torch.close();
      }
    };
  }
}
