// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;

/** Keras {@code .h5} files as graphs. */
final class KerasNetworks {
  private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};

  private KerasNetworks() {}

  /**
   * Imports a functional model with its weights.
   *
   * @param file an HDF5 file as {@code model.save} writes it
   * @return the graph
   * @throws IOException if the file cannot be read or holds no model that can be imported; the
   *     message names it
   */
  static ComputationGraph read(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(HDF5.length);
    }
    if (!Arrays.equals(head, HDF5)) {
      throw new IOException(
          "cannot read weights " + file + " (keras): it must be an HDF5 file but begins otherwise");
    }
    Nd4jStart.require();
    try {
      return KerasModelImport.importKerasModelAndWeights(file.toString(), false);
    } catch (InvalidKerasConfigurationException
        | UnsupportedKerasConfigurationException
        | RuntimeException e) {
      throw new IOException("cannot read weights " + file + " (keras): " + e.getMessage(), e);
    }
  }
}
