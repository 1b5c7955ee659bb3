// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.dl4j.CompiledBackbone;
import io.deepretrieval.dl4j.NetworkBackbones;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Networks of ours as ONNX files, which ONNX Runtime and others run.
 *
 * <p>The file holds the network up to its cut, opset 17: input {@code image}, float32 {@code
 * [batch,3,height,width]} after preprocessing, with all but the channels free, and one output with
 * the name of the layer. Weights have the names of their layers, {@code layer1.0.conv1.weight}, and
 * hold the normalization behind them. What the preprocessing must be stands in the metadata of the
 * model. The same network gives the same bytes.
 *
 * @see "Open Neural Network Exchange, operators of opset 17, onnx.ai"
 */
public final class OnnxExport {
  private OnnxExport() {}

  /**
   * Writes a network under a temporary name, forces it to disk and renames it.
   *
   * <p>Cost: the weights are read one convolution at a time. Thread-safe, as long as the network is
   * not trained meanwhile.
   *
   * @param file where to; replaced if it is there
   * @param network a backbone of Deeplearning4j: a {@link CompiledBackbone}, such as the providers
   *     {@code resnet18} and so on, {@code keras} and {@code trained}, {@link
   *     NetworkBackbones#open} and a checkpoint give
   * @throws IOException if the file cannot be written; an earlier file of that name is then intact
   * @throws IllegalArgumentException if the network is of another kind, has a layer that ONNX
   *     lacks, or needs a file of 2 GB or more, which Protocol Buffers cannot hold
   * @throws IllegalStateException if the network is closed
   */
  public static void write(Path file, Backbone network) throws IOException {
    if (!(network instanceof CompiledBackbone compiled)) {
      throw new IllegalArgumentException(
          "network to export must be compiled from Deeplearning4j but was " + network);
    }
    BackboneSpec spec = network.spec();
    write(
        file,
        compiled.operations(),
        new OnnxMetadata(spec.name(), spec.layer(), spec.output().stride(), spec.preprocessing()));
  }

  static void write(Path file, List<NetworkOperation> operations, OnnxMetadata metadata)
      throws IOException {
    OnnxModel model = new OnnxModel(OnnxGraph.of(operations, metadata.layer()), metadata);
    try (AtomicFile out = AtomicFile.create(file)) {
      model.write(out::write);
      out.commit();
    }
  }
}
