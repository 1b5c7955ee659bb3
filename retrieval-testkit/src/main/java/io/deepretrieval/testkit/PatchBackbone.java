// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Parameter;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.internal.AtomicFiles;
import io.deepretrieval.internal.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The smallest real backbone: the mean color of each 8x8 patch, one matrix {@code [C,3]}, a bias
 * and ReLU. Pixels beyond the last whole patch are not looked at. For tests of what lies behind a
 * backbone.
 */
public final class PatchBackbone implements TrainableBackbone {
  private static final int STRIDE = 8;

  private final Values weight;
  private final Values bias;
  private volatile boolean closed;
  private @Nullable List<RgbImage> lastImages;

  private PatchBackbone(float[] weight, float[] bias) {
    this.weight = new Values("weight", List.of(bias.length, 3), weight);
    this.bias = new Values("bias", List.of(bias.length), bias);
  }

  /**
   * Makes a backbone of drawn weights.
   *
   * @param channels C, at least 1
   * @param seed of the weights
   * @return the same backbone at each call
   */
  public static PatchBackbone of(int channels, long seed) {
    Randoms random = Randoms.ofSeed(seed);
    float[] bias = random.gaussians(channels);
    for (int c = 0; c < channels; c++) {
      bias[c] *= 0.1f;
    }
    return new PatchBackbone(random.gaussians(3 * channels), bias);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @param file the weights, 4 float32 a channel
   * @return the backbone
   * @throws IOException if the file cannot be read
   */
  public static PatchBackbone read(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file));
    int channels = buffer.remaining() / 16;
    float[] weight = new float[3 * channels];
    float[] bias = new float[channels];
    buffer.asFloatBuffer().get(weight).get(bias);
    return new PatchBackbone(weight, bias);
  }

  @Override
  public BackboneSpec spec() {
    return new BackboneSpec(
        "patch",
        "relu",
        sha256(bytes(weight.values(), bias.values())),
        Preprocessing.UNIT,
        new FeatureSpec(bias.values().length, STRIDE));
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    requireOpen();
    images.forEach(PatchBackbone::requireOnePatch);
    List<FeatureMap> maps = new ArrayList<>();
    for (RgbImage image : images) {
      requireOpen();
      maps.add(map(image));
    }
    return maps;
  }

  private FeatureMap map(RgbImage image) {
    float[] w = weight.values();
    float[] b = bias.values();
    float[] colors = colors(image);
    int channels = b.length;
    int cells = colors.length / 3;
    float[] out = new float[cells * channels];
    for (int cell = 0; cell < cells; cell++) {
      for (int c = 0; c < channels; c++) {
        float sum = b[c];
        for (int k = 0; k < 3; k++) {
          sum += w[3 * c + k] * colors[3 * cell + k];
        }
        out[cell * channels + c] = Math.max(sum, 0);
      }
    }
    return FeatureMap.ofOwned(channels, image.height() / STRIDE, image.width() / STRIDE, out);
  }

  /** Mean color of each patch less gray, {@code [H,W,3]}. */
  private static float[] colors(RgbImage image) {
    int rows = image.height() / STRIDE;
    int columns = image.width() / STRIDE;
    float[] out = new float[3 * rows * columns];
    for (int y = 0; y < rows * STRIDE; y++) {
      for (int x = 0; x < columns * STRIDE; x++) {
        int rgb = image.rgb(x, y);
        int o = 3 * (y / STRIDE * columns + x / STRIDE);
        out[o] += rgb >> 16;
        out[o + 1] += rgb >> 8 & 0xFF;
        out[o + 2] += rgb & 0xFF;
      }
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = out[i] / (255f * STRIDE * STRIDE) - 0.5f;
    }
    return out;
  }

  @Override
  public List<FeatureMap> forward(List<RgbImage> images) {
    requireOpen();
    if (images.isEmpty()) {
      throw new IllegalArgumentException("training images must be one or more but were 0");
    }
    RgbImage first = images.get(0);
    for (RgbImage image : images) {
      if (image.width() != first.width() || image.height() != first.height()) {
        throw new IllegalArgumentException(
            "training images must have one size but had " + first + " and " + image);
      }
    }
    List<FeatureMap> maps = extract(images);
    lastImages = List.copyOf(images);
    return maps;
  }

  @Override
  public void backward(List<FeatureMap> gradients) {
    requireOpen();
    List<RgbImage> images = lastImages;
    if (images == null) {
      throw new IllegalStateException("backward must follow a forward but there was none");
    }
    if (gradients.size() != images.size()) {
      throw new IllegalArgumentException(
          "gradients must number " + images.size() + " but were " + gradients.size());
    }
    List<FeatureMap> maps = extract(images);
    for (int i = 0; i < maps.size(); i++) {
      if (!maps.get(i).toString().equals(gradients.get(i).toString())) {
        throw new IllegalArgumentException(
            "gradient must be " + maps.get(i) + " but was " + gradients.get(i));
      }
    }
    int channels = bias.values().length;
    for (int i = 0; i < maps.size(); i++) {
      float[] colors = colors(images.get(i));
      float[] map = maps.get(i).sharedValues();
      float[] upstream = gradients.get(i).sharedValues();
      for (int j = 0; j < map.length; j++) {
        if (map[j] > 0) {
          int c = j % channels;
          bias.gradient[c] += upstream[j];
          for (int k = 0; k < 3; k++) {
            weight.gradient[3 * c + k] += upstream[j] * colors[3 * (j / channels) + k];
          }
        }
      }
    }
    lastImages = null;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  @Override
  public void save(Path file) throws IOException {
    requireOpen();
    AtomicFiles.write(file, bytes(weight.values(), bias.values()));
  }

  private static byte[] bytes(float[] weight, float[] bias) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * (weight.length + bias.length));
    buffer.asFloatBuffer().put(weight).put(bias);
    return buffer.array();
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Sha256.digest().digest(bytes));
  }

  private static void requireOnePatch(RgbImage image) {
    if (image.width() < STRIDE || image.height() < STRIDE) {
      throw new IllegalArgumentException(
          "image must be at least 8x8 but was " + image.width() + "x" + image.height());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backbone is closed: patch");
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private static final class Values implements Parameter {
    private final String name;
    private final List<Integer> shape;
    private volatile float[] values;
    private final float[] gradient;

    Values(String name, List<Integer> shape, float[] values) {
      this.name = name;
      this.shape = shape;
      this.values = values.clone();
      this.gradient = new float[values.length];
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public List<Integer> shape() {
      return shape;
    }

    @Override
    public float[] values() {
      return values.clone();
    }

    @Override
    public void set(float[] newValues) {
      if (newValues.length != gradient.length) {
        throw new IllegalArgumentException(
            name + " must have " + gradient.length + " values but had " + newValues.length);
      }
      values = newValues.clone();
    }

    @Override
    public float[] gradient() {
      return gradient.clone();
    }

    @Override
    public void clearGradient() {
      Arrays.fill(gradient, 0);
    }
  }
}
