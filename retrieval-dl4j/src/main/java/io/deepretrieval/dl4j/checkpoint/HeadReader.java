// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.LinearMap;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.spi.HeadSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what follows the network from the tensors of a checkpoint. */
final class HeadReader {
  private static final String TRAINED = "training of the checkpoint";

  private final NamedTensors tensors;

  HeadReader(NamedTensors tensors) {
    this.tensors = tensors;
  }

  /** A pooling alone. */
  static HeadSpec plain(String pooling, List<Float> p) {
    return new HeadSpec(pooling, p, Optional.empty(), Optional.empty(), false, List.of());
  }

  /** Exponents of GeM, from one to as many as said. */
  List<Float> exponents(String name, int most) throws IOException {
    List<Float> p = new ArrayList<>();
    for (float value : values(name)) {
      if (!(value > 0) || Float.isInfinite(value)) {
        throw new MalformedCheckpointException(
            "its " + name + " must be > 0 and finite but is " + value);
      }
      p.add(value);
    }
    if (p.isEmpty() || p.size() > most) {
      throw new MalformedCheckpointException(
          "its "
              + name
              + " must have one value"
              + (most == 1 ? "" : " or more")
              + " but has "
              + p.size());
    }
    return p;
  }

  private float[] values(String name) throws IOException {
    if (!tensors.names().contains(name)) {
      throw new MalformedCheckpointException("its state_dict must have " + name + " but has not");
    }
    return tensors.read(name);
  }

  /** A layer that maps vectors, by its weight and bias. */
  LinearMap layer(String name, String kind) throws IOException {
    float[] weight = values(name + ".weight");
    float[] bias = values(name + ".bias");
    List<Integer> shape = tensors.shape(name + ".weight");
    if (shape.size() != 2 || shape.get(0) != bias.length) {
      throw new MalformedCheckpointException(
          "tensor "
              + name
              + ".weight must have shape ["
              + bias.length
              + ", D], for the bias has "
              + bias.length
              + " values, but has "
              + shape);
    }
    return LinearMap.of(kind, TRAINED, new float[shape.get(1)], weight, bias);
  }
}
