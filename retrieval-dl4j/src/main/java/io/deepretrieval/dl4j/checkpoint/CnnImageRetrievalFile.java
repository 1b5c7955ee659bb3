// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.LinearMap;
import io.deepretrieval.format.PickleNames;
import io.deepretrieval.format.StoredTensor;
import io.deepretrieval.format.TorchFile;
import io.deepretrieval.spi.HeadSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What cnnimageretrieval-pytorch writes.
 *
 * <pre>
 * meta: architecture, pooling, mean, std[, local_whitening, regional, whitening,
 *       Lw: {data set: {ss|ms: {m, P}}}]
 * state_dict: features.*, pool.p | pool.rpool.p, pool.whiten.*, lwhiten.*, whiten.*
 * </pre>
 */
final class CnnImageRetrievalFile {
  private CnnImageRetrievalFile() {}

  /** Reads all but network and whitenings; {@code meta} is what the file has of that name. */
  static CheckpointParts read(Map<?, ?> meta, HeadReader head) throws IOException {
    String architecture = PickledFields.text(meta, "architecture");
    CheckpointNetwork.require(architecture);
    boolean regional = PickledFields.flag(meta, "regional");
    boolean whitened = PickledFields.flag(meta, "whitening");
    String pooling = PickledFields.text(meta, "pooling");
    HeadSpec pooled =
        switch (pooling) {
          case "mac", "spoc" -> HeadReader.plain(pooling, List.of());
          case "rmac" -> HeadReader.plain("r-mac", List.of());
          case "gem" ->
              HeadReader.plain("gem", head.exponents(regional ? "pool.rpool.p" : "pool.p", 1));
          case "gemmp" ->
              HeadReader.plain(
                  "gem-mp",
                  head.exponents(regional ? "pool.rpool.p" : "pool.p", Integer.MAX_VALUE));
          default ->
              throw new MalformedCheckpointException(
                  "its pooling must be mac, spoc, gem, gemmp or rmac but is '"
                      + PickleNames.shown(pooling)
                      + "'");
        };
    HeadSpec spec =
        new HeadSpec(
            pooled.pooling(),
            pooled.p(),
            regional
                ? Optional.of(head.layer("pool.whiten", "regional-whitening"))
                : Optional.empty(),
            whitened ? Optional.of(head.layer("whiten", "whitening")) : Optional.empty(),
            true,
            List.of());
    Optional<LinearMap> local =
        PickledFields.flag(meta, "local_whitening")
            ? Optional.of(head.layer("lwhiten", "local-whitening"))
            : Optional.empty();
    boolean gemAlone = pooling.equals("gem") && !regional && !whitened;
    return new CheckpointParts(
        architecture,
        PickledFields.preprocessing(meta),
        spec,
        local,
        gemAlone ? spec.p().get(0) : 1,
        meta.get("Lw") instanceof Map<?, ?> sets ? PickledFields.names(sets) : List.of(),
        Set.of(
            "pool.p",
            "pool.rpool.p",
            "pool.whiten.weight",
            "pool.whiten.bias",
            "whiten.weight",
            "whiten.bias",
            "lwhiten.weight",
            "lwhiten.bias"));
  }

  /** Reads one of the whitenings in {@code meta}. */
  static LinearMap whitening(TorchFile file, Map<?, ?> meta, String name, boolean severalScales)
      throws IOException {
    Map<?, ?> sets = PickledFields.map(meta.get("Lw"), "Lw");
    Object found = PickledFields.map(sets.get(name), name).get(severalScales ? "ms" : "ss");
    if (found == null) {
      throw new MalformedCheckpointException(
          "its whitening "
              + name
              + " must be for "
              + (severalScales ? "several scales" : "one scale"));
    }
    return learned(file, found, name);
  }

  /** Reads m and P. */
  static LinearMap learned(TorchFile file, Object whitening, String name) throws IOException {
    Map<?, ?> numbers = PickledFields.map(whitening, "whitening " + name);
    StoredTensor mean = PickledFields.tensor(numbers, "m", name);
    StoredTensor matrix = PickledFields.tensor(numbers, "P", name);
    requireMatrix(name, mean, matrix);
    float[] p = file.read("P", matrix);
    return LinearMap.of(
        "learned-whitening", name, file.read("m", mean), p, new float[p.length / mean.length()]);
  }

  private static void requireMatrix(String name, StoredTensor mean, StoredTensor matrix)
      throws MalformedCheckpointException {
    if (matrix.shape().size() != 2 || matrix.shape().get(1) != mean.length()) {
      throw new MalformedCheckpointException(
          "P of whitening "
              + name
              + " must be [d, "
              + mean.length()
              + "], for m has "
              + mean.length()
              + " values, but is "
              + matrix.shape());
    }
  }
}
