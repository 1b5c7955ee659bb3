// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.LinearMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.TorchvisionProvider;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint.Parts;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.Window;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.PickleNames;
import io.deepretrieval.format.PickledArray;
import io.deepretrieval.format.PickledObject;
import io.deepretrieval.format.StoredTensor;
import io.deepretrieval.format.TorchFile;
import io.deepretrieval.spi.HeadSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the parts of a checkpoint in what a file of torch holds.
 *
 * <pre>
 * cnnimageretrieval-pytorch  meta: architecture, pooling, mean, std[, local_whitening, regional,
 *                            whitening, Lw: {data set: {ss|ms: {m, P}}}]
 *                            state_dict: features.*, pool.p | pool.rpool.p, pool.whiten.*,
 *                            lwhiten.*, whiten.*
 * deep-image-retrieval       model_options: arch[, pooling, norm_features, without_fc, center_bias]
 *                            preprocess: mean, std
 *                            state_dict: conv1, …, adpool.p, fc.*
 *                            pca: {data set: a fitted PCA of scikit-learn} or the PCA
 * </pre>
 */
final class CheckpointParts {
  private static final String PCA_ALONE = "pca";
  private static final String TRAINED = "training of the checkpoint";
  private static final double DIR_SCALE_EXPONENT = 3;

  private final NamedTensors tensors;

  private CheckpointParts(TorchFile file) throws IOException {
    this.tensors = NamedTensors.of(file);
  }

  /** Finds all but network and whitenings; the file stays open. */
  static Parts read(TorchFile file) throws IOException {
    try {
      Map<?, ?> root = map(file.root(), "a checkpoint");
      CheckpointParts parts = new CheckpointParts(file);
      if (root.get("meta") instanceof Map<?, ?> meta) {
        return parts.cir(meta);
      }
      if (root.get("model_options") instanceof Map<?, ?> options) {
        return parts.dir(options, root);
      }
      throw new IOException(
          "it must have meta (cnnimageretrieval-pytorch) or model_options (deep-image-retrieval)"
              + " but has neither; weights alone are for a backbone");
    } catch (IOException | RuntimeException e) {
      throw named(file, e);
    }
  }

  private static IOException named(TorchFile file, Exception e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith("cannot read weights ") && e instanceof IOException named
        ? named
        : TorchFile.broken(file.file(), e instanceof IOException ? e : new IOException(message, e));
  }

  private Parts cir(Map<?, ?> meta) throws IOException {
    String architecture = text(meta, "architecture");
    provider(architecture);
    boolean regional = flag(meta, "regional");
    boolean whitened = flag(meta, "whitening");
    String pooling = text(meta, "pooling");
    HeadSpec head =
        switch (pooling) {
          case "mac", "spoc" -> plain(pooling, List.of());
          case "rmac" -> plain("r-mac", List.of());
          case "gem" -> plain("gem", exponents(regional ? "pool.rpool.p" : "pool.p", 1));
          case "gemmp" ->
              plain("gem-mp", exponents(regional ? "pool.rpool.p" : "pool.p", Integer.MAX_VALUE));
          default ->
              throw new IOException(
                  "its pooling must be mac, spoc, gem, gemmp or rmac but is '"
                      + PickleNames.shown(pooling)
                      + "'");
        };
    head =
        new HeadSpec(
            head.pooling(),
            head.p(),
            regional ? Optional.of(layer("pool.whiten", "regional-whitening")) : Optional.empty(),
            whitened ? Optional.of(layer("whiten", "whitening")) : Optional.empty(),
            true,
            List.of());
    Optional<LinearMap> local =
        flag(meta, "local_whitening")
            ? Optional.of(layer("lwhiten", "local-whitening"))
            : Optional.empty();
    boolean gemAlone = pooling.equals("gem") && !regional && !whitened;
    return new Parts(
        architecture,
        preprocessing(meta),
        head,
        local,
        gemAlone ? head.p().get(0) : 1,
        meta.get("Lw") instanceof Map<?, ?> sets ? names(sets) : List.of(),
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

  private Parts dir(Map<?, ?> options, Map<?, ?> root) throws IOException {
    String arch = text(options, "arch");
    if (!arch.matches("resnet\\d+_rmac")) {
      throw new IOException(
          "its arch must be resnet18_rmac, resnet50_rmac, resnet101_rmac or resnet152_rmac but is '"
              + PickleNames.shown(arch)
              + "'");
    }
    String architecture = arch.substring(0, arch.indexOf('_'));
    provider(architecture);
    Object bias = options.get("center_bias");
    if (bias instanceof Number number && number.doubleValue() != 0) {
      throw new IOException("its center_bias must be 0 but is " + PickleNames.shown(bias));
    }
    String pooling = options.containsKey("pooling") ? text(options, "pooling") : "gem";
    HeadSpec head =
        switch (pooling) {
          case "max" -> plain("mac", List.of());
          case "avg" -> plain("spoc", List.of());
          default -> {
            if (!pooling.startsWith("gem")) {
              throw new IOException(
                  "its pooling must be max, avg or gem but is '"
                      + PickleNames.shown(pooling)
                      + "'");
            }
            yield plain("gem", exponents("adpool.p", 1));
          }
        };
    head =
        new HeadSpec(
            head.pooling(),
            head.p(),
            Optional.empty(),
            flag(options, "without_fc") ? Optional.empty() : Optional.of(layer("fc", "projection")),
            flag(options, "norm_features"),
            List.of());
    List<String> whitenings =
        root.get("pca") instanceof Map<?, ?> sets
            ? names(sets)
            : root.get("pca") instanceof PickledObject ? List.of(PCA_ALONE) : List.of();
    return new Parts(
        architecture,
        root.get("preprocess") instanceof Map<?, ?> preprocess
            ? preprocessing(preprocess)
            : Preprocessing.TORCH,
        head,
        Optional.empty(),
        DIR_SCALE_EXPONENT,
        whitenings,
        Set.of("adpool.p", "fc.weight", "fc.bias"));
  }

  private static HeadSpec plain(String pooling, List<Float> p) {
    return new HeadSpec(pooling, p, Optional.empty(), Optional.empty(), false, List.of());
  }

  private static List<String> names(Map<?, ?> sets) {
    List<String> names = new ArrayList<>();
    sets.keySet().forEach(name -> names.add(name.toString()));
    return List.copyOf(names);
  }

  private List<Float> exponents(String name, int most) throws IOException {
    List<Float> p = new ArrayList<>();
    for (float value : values(name)) {
      if (!(value > 0) || Float.isInfinite(value)) {
        throw new IOException("its " + name + " must be > 0 and finite but is " + value);
      }
      p.add(value);
    }
    if (p.isEmpty() || p.size() > most) {
      throw new IOException(
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
      throw new IOException("its state_dict must have " + name + " but has not");
    }
    return tensors.read(name);
  }

  private LinearMap layer(String name, String kind) throws IOException {
    float[] weight = values(name + ".weight");
    float[] bias = values(name + ".bias");
    List<Integer> shape = tensors.shape(name + ".weight");
    if (shape.size() != 2 || shape.get(0) != bias.length) {
      throw new IOException(
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

  private static Preprocessing preprocessing(Map<?, ?> meta) throws IOException {
    return new Preprocessing(
        Preprocessing.ChannelOrder.RGB, 1 / 255.0, numbers(meta, "mean"), numbers(meta, "std"));
  }

  private static List<Double> numbers(Map<?, ?> map, String name) throws IOException {
    Object value = map.get(name);
    List<?> items =
        value instanceof Object[] tuple
            ? List.of(tuple)
            : value instanceof List<?> l ? l : List.of();
    List<Double> numbers = new ArrayList<>();
    for (Object item : items) {
      if (item instanceof Number number) {
        numbers.add(number.doubleValue());
      }
    }
    if (numbers.size() != 3) {
      throw new IOException(
          "its "
              + name
              + " must be three numbers but has "
              + numbers.size()
              + " in "
              + items.size());
    }
    return numbers;
  }

  private static String text(Map<?, ?> map, String name) throws IOException {
    if (map.get(name) instanceof String text) {
      return text;
    }
    throw new IOException(
        "its description must have the text "
            + name
            + " but has "
            + PickleNames.shown(map.get(name)));
  }

  private static boolean flag(Map<?, ?> map, String name) throws IOException {
    Object value = map.get(name);
    if (value == null || value.equals(Optional.empty())) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw new IOException(
        "its " + name + " must be true or false but is " + PickleNames.shown(value));
  }

  private static Map<?, ?> map(@Nullable Object value, String what) throws IOException {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IOException(
        what
            + " must be a dictionary but is "
            + (value == null ? "absent" : "a " + value.getClass().getSimpleName()));
  }

  /** Finds the network of a name. */
  static TorchvisionProvider provider(String architecture) throws IOException {
    for (TorchvisionProvider provider : TorchvisionProvider.all()) {
      if (provider.name().equals(architecture)) {
        return provider;
      }
    }
    throw new IOException(
        "its architecture must be one of "
            + TorchvisionProvider.all().stream().map(TorchvisionProvider::name).toList()
            + " but is '"
            + PickleNames.shown(architecture)
            + "'");
  }

  /** Reads one of the whitenings of a file. */
  static LinearMap whitening(TorchFile file, String name, boolean severalScales, double power)
      throws IOException {
    try {
      Map<?, ?> root = map(file.root(), "a checkpoint");
      if (root.get("meta") instanceof Map<?, ?> meta) {
        Object found =
            map(map(meta.get("Lw"), "Lw").get(name), name).get(severalScales ? "ms" : "ss");
        if (found == null) {
          throw new IOException(
              "its whitening "
                  + name
                  + " must be for "
                  + (severalScales ? "several scales" : "one scale"));
        }
        return learned(file, found, name);
      }
      Object pca = root.get("pca") instanceof Map<?, ?> sets ? sets.get(name) : root.get("pca");
      if (pca instanceof PickledObject object) {
        return pca(file, object, name, power);
      }
      throw new IOException("its pca must be of scikit-learn but is " + PickleNames.shown(pca));
    } catch (IOException | RuntimeException e) {
      throw named(file, e);
    }
  }

  /** Reads a file that holds m and P alone. */
  static LinearMap readWhitening(TorchFile file, String fittedOn) throws IOException {
    try {
      return learned(file, file.root(), fittedOn);
    } catch (IOException | RuntimeException e) {
      throw named(file, e);
    }
  }

  private static LinearMap learned(TorchFile file, Object whitening, String name)
      throws IOException {
    Map<?, ?> numbers = map(whitening, "whitening " + name);
    StoredTensor mean = tensor(numbers, "m", name);
    StoredTensor matrix = tensor(numbers, "P", name);
    requireMatrix(name, mean, matrix);
    float[] p = file.read("P", matrix);
    return LinearMap.of(
        "learned-whitening", name, file.read("m", mean), p, new float[p.length / mean.length()]);
  }

  private static LinearMap pca(TorchFile file, PickledObject object, String name, double power)
      throws IOException {
    Map<?, ?> numbers = object.attributes();
    StoredTensor components = tensor(numbers, "components_", name);
    float[] matrix = file.read("components_", components);
    float[] mean =
        Optional.empty().equals(numbers.get("mean_"))
            ? new float[components.shape().get(components.shape().size() - 1)]
            : file.read("mean_", tensor(numbers, "mean_", name));
    if (components.shape().size() != 2 || components.shape().get(1) != mean.length) {
      throw new IOException(
          "components_ of "
              + name
              + " must be [d, "
              + mean.length
              + "] but are "
              + components.shape());
    }
    int rows = components.shape().get(0);
    boolean whiten = flag(numbers, "whiten");
    if (whiten) {
      float[] variance =
          file.read("explained_variance_", tensor(numbers, "explained_variance_", name));
      if (variance.length != rows) {
        throw new IOException(
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

  private static void requireMatrix(String name, StoredTensor mean, StoredTensor matrix)
      throws IOException {
    if (matrix.shape().size() != 2 || matrix.shape().get(1) != mean.length()) {
      throw new IOException(
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

  private static StoredTensor tensor(Map<?, ?> map, String name, String of) throws IOException {
    Object value = map.get(name);
    if (value instanceof StoredTensor tensor) {
      return tensor;
    }
    if (value instanceof PickledArray array) {
      return array.tensor();
    }
    throw new IOException("whitening " + of + " must have numbers " + name + " but has not");
  }

  /** A plan with a layer that maps each position of its output. */
  static NetworkPlan behind(Path file, NetworkPlan plan, LinearMap map) throws IOException {
    int last = plan.steps().size();
    int channels = plan.steps().get(last - 1).channels();
    if (map.inputDimension() != channels) {
      throw TorchFile.broken(
          file,
          new IOException(
              "lwhiten must take the "
                  + channels
                  + " channels of the network but takes "
                  + map.inputDimension()));
    }
    List<NetworkPlan.Step> steps = new ArrayList<>(plan.steps());
    steps.add(
        new NetworkPlan.Conv(
            "lwhiten",
            last,
            -1,
            map.outputDimension(),
            1,
            Window.POINT,
            new NetworkPlan.Weights() {
              @Override
              public float[] kernel() {
                return map.matrix();
              }

              @Override
              public float[] bias() {
                return map.bias();
              }
            },
            Activation.IDENTITY));
    return new NetworkPlan(plan.inputChannels(), steps);
  }
}
