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

/**
 * Tensors by name in a file of weights, whatever its format. For one thread; closing it closes the
 * file.
 */
public interface NamedTensors extends Closeable {
  /**
   * Returns the file.
   *
   * @return its path, as it was opened
   */
  Path file();

  /**
   * Returns the names of all tensors.
   *
   * @return in the order of the file, unmodifiable
   */
  Set<String> names();

  /**
   * Returns the shape of a tensor.
   *
   * @param name one of {@link #names}
   * @return its sizes, outermost first; empty for a single number
   * @throws NullPointerException if there is no tensor of that name
   */
  List<Integer> shape(String name);

  /**
   * Reads the values of a tensor.
   *
   * @param name one of {@link #names}
   * @return its values as float32, row-major, in a new array
   * @throws NullPointerException if there is no tensor of that name
   * @throws IOException if the file cannot be read; the message names file and tensor
   */
  float[] read(String name) throws IOException;

  /**
   * Opens a file of torch or a safetensors file; its first bytes tell which. A safetensors file is
   * read whole, the tensors of a file of torch one by one when they are asked for.
   *
   * @param file a file of {@code torch.save} with a state_dict, or a {@code .safetensors} file
   * @return its tensors, to be closed
   * @throws IOException if the file cannot be read, breaks its format or holds no state_dict
   */
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
   * @return its tensors; a member that is no tensor is left out
   * @throws IOException if there is none; the file stays open then
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
