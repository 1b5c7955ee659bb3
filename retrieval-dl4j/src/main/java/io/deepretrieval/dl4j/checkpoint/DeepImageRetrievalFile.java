// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.LinearMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.format.PickleNames;
import io.deepretrieval.format.PickledObject;
import io.deepretrieval.format.StoredTensor;
import io.deepretrieval.format.TorchFile;
import io.deepretrieval.spi.HeadSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What deep-image-retrieval writes.
 *
 * <pre>
 * model_options: arch[, pooling, norm_features, without_fc, center_bias]
 * preprocess: mean, std
 * state_dict: conv1, …, adpool.p, fc.*
 * pca: {data set: a fitted PCA of scikit-learn} or the PCA
 * </pre>
 */
final class DeepImageRetrievalFile {
  private static final String PCA_ALONE = "pca";
  private static final double SCALE_EXPONENT = 3;

  private DeepImageRetrievalFile() {}

  /** Reads all but network and whitenings; {@code options} are the file's model_options. */
  static CheckpointParts read(Map<?, ?> options, Map<?, ?> root, HeadReader head)
      throws IOException {
    String arch = PickledFields.text(options, "arch");
    if (!arch.matches("resnet\\d+_rmac")) {
      throw new MalformedCheckpointException(
          "its arch must be resnet18_rmac, resnet50_rmac, resnet101_rmac or resnet152_rmac but is '"
              + PickleNames.shown(arch)
              + "'");
    }
    String architecture = arch.substring(0, arch.indexOf('_'));
    CheckpointNetwork.require(architecture);
    Object bias = options.get("center_bias");
    if (bias instanceof Number number && number.doubleValue() != 0) {
      throw new MalformedCheckpointException(
          "its center_bias must be 0 but is " + PickleNames.shown(bias));
    }
    String pooling =
        options.containsKey("pooling") ? PickledFields.text(options, "pooling") : "gem";
    HeadSpec pooled =
        switch (pooling) {
          case "max" -> HeadReader.plain("mac", List.of());
          case "avg" -> HeadReader.plain("spoc", List.of());
          default -> {
            if (!pooling.startsWith("gem")) {
              throw new MalformedCheckpointException(
                  "its pooling must be max, avg or gem but is '"
                      + PickleNames.shown(pooling)
                      + "'");
            }
            yield HeadReader.plain("gem", head.exponents("adpool.p", 1));
          }
        };
    HeadSpec spec =
        new HeadSpec(
            pooled.pooling(),
            pooled.p(),
            Optional.empty(),
            PickledFields.flag(options, "without_fc")
                ? Optional.empty()
                : Optional.of(head.layer("fc", "projection")),
            PickledFields.flag(options, "norm_features"),
            List.of());
    List<String> whitenings =
        root.get("pca") instanceof Map<?, ?> sets
            ? PickledFields.names(sets)
            : root.get("pca") instanceof PickledObject ? List.of(PCA_ALONE) : List.of();
    return new CheckpointParts(
        architecture,
        root.get("preprocess") instanceof Map<?, ?> preprocess
            ? PickledFields.preprocessing(preprocess)
            : Preprocessing.TORCH,
        spec,
        Optional.empty(),
        SCALE_EXPONENT,
        whitenings,
        Set.of("adpool.p", "fc.weight", "fc.bias"));
  }

  /** Reads one of the whitenings in a file. */
  static LinearMap whitening(TorchFile file, Map<?, ?> root, String name, double power)
      throws IOException {
    Object pca = root.get("pca") instanceof Map<?, ?> sets ? sets.get(name) : root.get("pca");
    if (pca instanceof PickledObject object) {
      return pca(file, object, name, power);
    }
    throw new MalformedCheckpointException(
        "its pca must be of scikit-learn but is " + PickleNames.shown(pca));
  }

  private static LinearMap pca(TorchFile file, PickledObject object, String name, double power)
      throws IOException {
    Map<?, ?> numbers = object.attributes();
    StoredTensor components = PickledFields.tensor(numbers, "components_", name);
    float[] matrix = file.read("components_", components);
    float[] mean =
        Optional.empty().equals(numbers.get("mean_"))
            ? new float[components.shape().get(components.shape().size() - 1)]
            : file.read("mean_", PickledFields.tensor(numbers, "mean_", name));
    if (components.shape().size() != 2 || components.shape().get(1) != mean.length) {
      throw new MalformedCheckpointException(
          "components_ of "
              + name
              + " must be [d, "
              + mean.length
              + "] but are "
              + components.shape());
    }
    int rows = components.shape().get(0);
    boolean whiten = PickledFields.flag(numbers, "whiten");
    if (whiten) {
      float[] variance =
          file.read(
              "explained_variance_", PickledFields.tensor(numbers, "explained_variance_", name));
      if (variance.length != rows) {
        throw new MalformedCheckpointException(
            "explained_variance_ of "
                + name
                + " must have "
                + rows
                + " values but has "
                + variance.length);
      }
      for (int i = 0; i < matrix.length; i++) {
        matrix[i] = (float) (matrix[i] * Math.pow(variance[i / mean.length], -power));
      }
    }
    return LinearMap.of(
        whiten ? "pca-whitening power=" + power : "pca", name, mean, matrix, new float[rows]);
  }
}
