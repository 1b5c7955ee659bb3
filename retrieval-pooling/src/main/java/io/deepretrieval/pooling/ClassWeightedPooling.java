// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Class-weighted pooling from class activation maps: f = Σ_c n(T(n(V_c))) over classes c, n(v) =
 * v/‖v‖, T a whitening or nothing.
 *
 * <p>With A the maps {@code [K,H,W]} in front of a global mean and a linear classifier with weights
 * w {@code [L,K]}, CAM_c = Σ_k w_{c,k} A_k, divided by its maximum, negative values set to 0. With
 * X the features {@code [C,H,W]}, V_{c,i} = I_i Σ_{y,x} CAM_c X_i, I the channel weights of {@link
 * CrowPooling}. The result is {@code [C]}, or the output dimension of T.
 *
 * <p>Which classes: offline, the N likeliest of each image (64 as published); online, those of the
 * query for every image, by {@link #forClasses}. X and A may be the same map, as in networks that
 * end in a global mean; VGG16-CAM has X = conv5_1 and A = its added layer of 1,024 channels.
 *
 * <p><b>Numbers.</b> A class whose CAM is nowhere positive, or whose vector is 0, adds nothing. NaN
 * and infinite values are refused. No gradient: the classes and the division by the maximum make
 * none worth having. Cost: N·H·W·(K + C) multiplications.
 *
 * <p>Immutable and thread-safe.
 *
 * @see "Jimenez, Alvarez, Giró-i-Nieto: Class-weighted convolutional features for visual instance
 *     search, BMVC 2017, arXiv:1707.02581"
 */
public final class ClassWeightedPooling implements Pooling {
  /** As published. */
  public static final int DEFAULT_CLASSES = 64;

  private final LinearTransform classifier;
  private final int top;
  private final Optional<int[]> classes;
  private final RegionSum sum;
  private final Optional<LinearTransform> transform;
  private final Kernels kernels = Kernels.get();
  private final CrowPooling crow = new CrowPooling();

  private ClassWeightedPooling(
      LinearTransform classifier,
      int top,
      Optional<int[]> classes,
      Optional<LinearTransform> transform) {
    this.classifier = classifier;
    this.top = top;
    this.classes = classes;
    this.transform = transform;
    this.sum = new RegionSum(transform);
  }

  /**
   * Makes the offline form with the {@value #DEFAULT_CLASSES} likeliest classes, or all if there
   * are fewer.
   *
   * @param classifier weights {@code [L,K]} and biases of the last layer of the network, K to L
   * @return a pooling without transform
   */
  public static ClassWeightedPooling of(LinearTransform classifier) {
    int top = Math.min(DEFAULT_CLASSES, classifier.outputDimension());
    return new ClassWeightedPooling(classifier, top, Optional.empty(), Optional.empty());
  }

  /**
   * Returns the offline form with another number of classes.
   *
   * @param count N, in [1, L]
   * @return a changed copy
   * @throws IllegalArgumentException if it is out of range
   */
  public ClassWeightedPooling withTopClasses(int count) {
    int all = classifier.outputDimension();
    if (count < 1 || count > all) {
      throw new IllegalArgumentException(
          "top classes must be in [1, " + all + "] but was " + count);
    }
    return new ClassWeightedPooling(classifier, count, Optional.empty(), transform);
  }

  /**
   * Returns the online form: the same classes for every image.
   *
   * @param which classes in [0, L), at least one, for instance the first of {@link #predict} of the
   *     query
   * @return a changed copy
   * @throws IllegalArgumentException if there is none or one is out of range
   */
  public ClassWeightedPooling forClasses(List<Integer> which) {
    int all = classifier.outputDimension();
    if (which.isEmpty() || !which.stream().allMatch(c -> c >= 0 && c < all)) {
      throw new IllegalArgumentException(
          "classes must be one or more in [0, " + all + ") but were " + which);
    }
    int[] copy = which.stream().mapToInt(Integer::intValue).toArray();
    return new ClassWeightedPooling(classifier, top, Optional.of(copy), transform);
  }

  /**
   * Returns the same pooling with a map of the class vectors.
   *
   * @param other from C; applied to each L2-normalized class vector, whose image is L2-normalized
   *     again
   * @return a changed copy
   */
  public ClassWeightedPooling withClassTransform(LinearTransform other) {
    return new ClassWeightedPooling(classifier, top, classes, Optional.of(other));
  }

  @Override
  public String recipe() {
    String which =
        classes
            .map(
                c ->
                    "classes="
                        + IntStream.of(c)
                            .mapToObj(String::valueOf)
                            .collect(Collectors.joining(",")))
            .orElse("top=" + top);
    return "cam " + which + " classifier=(" + classifier.recipe() + ")" + sum.recipe();
  }

  @Override
  public int dimension(int channels) {
    return sum.dimension(FiniteCheck.requireChannels(channels));
  }

  /**
   * Orders the classes of an image, likeliest first, ties by number.
   *
   * @param activations A, {@code [K,H,W]} (not modified)
   * @return all classes in [0, L)
   * @throws IllegalArgumentException if K is not that of the classifier or a value is not finite
   */
  public List<Integer> predict(FeatureMap activations) {
    requireChannels(activations);
    float[] mean = SpocPooling.mean().pool(activations);
    float[] scores = new float[classifier.outputDimension()];
    classifier.project(mean, 1, scores);
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparing((Integer c) -> -scores[c]))
        .toList();
  }

  private void requireChannels(FeatureMap activations) {
    int k = classifier.inputDimension();
    if (activations.channels() != k) {
      throw new IllegalArgumentException(
          "maps for ["
              + classifier.recipe()
              + "] must have "
              + k
              + " channels but had "
              + activations.channels());
    }
  }

  /** Pools a map that is both the features and what the classifier sees. */
  @Override
  public float[] pool(FeatureMap map) {
    return pool(map, map);
  }

  /**
   * Pools features by the class activations of another layer of the same image.
   *
   * @param features X, {@code [C,H,W]} (not modified)
   * @param activations A, {@code [K,H,W]} (not modified)
   * @return {@code [C]}, or the output dimension of T
   * @throws IllegalArgumentException if the sizes differ, K is not that of the classifier, or a
   *     value is not finite
   */
  public float[] pool(FeatureMap features, FeatureMap activations) {
    float[] result = new float[dimension(features.channels())];
    for (float[] vector : classVectors(features, activations)) {
      sum.add(vector, 1, vector.length, result);
    }
    return FiniteCheck.require(result, features, this);
  }

  /**
   * Returns the vectors of the classes, L2-normalized and before T: what T is fitted on.
   *
   * @param features X, {@code [C,H,W]} (not modified)
   * @param activations A, {@code [K,H,W]} (not modified)
   * @return vectors {@code [C]}, one a class, likeliest first; 0 for a class that is nowhere
   * @throws IllegalArgumentException if the sizes differ, K is not that of the classifier, or a
   *     value is not finite
   */
  public List<float[]> classVectors(FeatureMap features, FeatureMap activations) {
    requireChannels(activations);
    if (features.height() != activations.height() || features.width() != activations.width()) {
      throw new IllegalArgumentException(
          features + " and " + activations + " must have the same rows and columns");
    }
    float[] rarity = crow.channelWeights(features);
    int[] chosen = chosen(activations);
    RegionSum plain = new RegionSum(Optional.empty());
    float[][] out = new float[chosen.length][features.channels()];
    for (int i = 0; i < chosen.length; i++) {
      float[] vector = classVector(features, activation(activations, chosen[i]), rarity);
      plain.add(vector, 1, vector.length, out[i]);
    }
    return Arrays.asList(out);
  }

  private int[] chosen(FeatureMap activations) {
    return classes.orElseGet(
        () -> predict(activations).stream().limit(top).mapToInt(Integer::intValue).toArray());
  }

  /** V_c. */
  private float[] classVector(FeatureMap features, float[] cam, float[] rarity) {
    int channels = features.channels();
    float[] vector = new float[channels];
    kernels.weightedSum(features.sharedValues(), cam.length, channels, cam, vector);
    for (int c = 0; c < channels; c++) {
      vector[c] *= rarity[c];
    }
    return vector;
  }

  /** CAM_c, in [0, 1]. */
  private float[] activation(FeatureMap activations, int label) {
    int k = activations.channels();
    float[] cam = new float[activations.height() * activations.width()];
    float highest = 0;
    for (int cell = 0; cell < cam.length; cell++) {
      cam[cell] = classifier.dotRow(label, activations.sharedValues(), cell * k);
      highest = Math.max(highest, cam[cell]);
    }
    if (!Float.isFinite(highest)) {
      FiniteCheck.require(cam, activations, this);
    }
    for (int cell = 0; cell < cam.length; cell++) {
      cam[cell] = highest == 0 ? 0 : Math.max(0, cam[cell] / highest);
    }
    return cam;
  }

  /**
   * The share of a cell is what it adds under the class activations and channel weights of this
   * map; the constant of T is spread evenly.
   */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    int channels = map.channels();
    FiniteCheck.requireDirection(direction, dimension(channels));
    requireChannels(map);
    float[] rarity = crow.channelWeights(map);
    float[] values = map.sharedValues();
    double[] shares = new double[map.height() * map.width()];
    for (int label : chosen(map)) {
      float[] cam = activation(map, label);
      RegionSum.Behind behind = sum.takeBack(classVector(map, cam, rarity), direction);
      for (int cell = 0; cell < shares.length; cell++) {
        double share = 0;
        for (int c = 0; c < channels; c++) {
          share += behind.direction()[c] * rarity[c] * values[cell * channels + c];
        }
        shares[cell] += cam[cell] * share + behind.constant() / shares.length;
      }
    }
    return Optional.of(shares);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassWeightedPooling that && recipe().equals(that.recipe());
  }

  @Override
  public int hashCode() {
    return Objects.hash(classifier, top);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
