// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.RegionGrid.Region;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Regional pooling of any kind (Rpool): f = Σ_R n(T(n(pool(R)))), n(v) = v/‖v‖, T a linear map or
 * nothing.
 *
 * <p>{@code [C,H,W]} gives the dimension of the inner pooling, or of T. A region whose vector is 0
 * adds nothing. Regions are copied out of the map one by one; R-MAC has its own class, which shares
 * their maxima.
 *
 * @see "Radenović, Tolias, Chum: Fine-tuning CNN image retrieval with no human annotation, TPAMI
 *     2019, arXiv:1711.02512"
 */
public class RegionalPooling implements Pooling {
  private final RegionGrid grid;
  private final Pooling inner;
  private final RegionSum sum;
  final Optional<LinearTransform> transform;

  private RegionalPooling(RegionGrid grid, Pooling inner, Optional<LinearTransform> transform) {
    this.grid = grid;
    this.inner = inner;
    this.transform = transform;
    this.sum = new RegionSum(transform);
  }

  /**
   * Makes a regional pooling.
   *
   * @param grid which regions
   * @param inner how each is pooled
   * @param transform T, from the dimension of the inner pooling; empty for none
   * @return a pooling
   */
  public static RegionalPooling of(
      RegionGrid grid, Pooling inner, Optional<LinearTransform> transform) {
    return new RegionalPooling(grid, inner, transform);
  }

  /**
   * Makes a regional pooling for training. Its parameters are those of the inner one; T is
   * constant.
   *
   * @param grid which regions
   * @param inner how each is pooled
   * @param transform T, from the dimension of the inner pooling; empty for none
   * @return a pooling with gradients
   */
  public static DifferentiablePooling differentiable(
      RegionGrid grid, DifferentiablePooling inner, Optional<LinearTransform> transform) {
    return new Trainable(grid, inner, transform);
  }

  @Override
  public String recipe() {
    return "regional " + grid.recipe() + " of=(" + inner.recipe() + ")" + sum.recipe();
  }

  @Override
  public int dimension(int channels) {
    return sum.dimension(inner.dimension(channels));
  }

  @Override
  public float[] pool(FeatureMap map) {
    float[] result = new float[dimension(map.channels())];
    try {
      for (Region region : grid.regions(map.height(), map.width())) {
        float[] vector = inner.pool(cut(map, region));
        sum.add(vector, 1, vector.length, result);
      }
    } catch (IllegalArgumentException e) {
      // rows and columns of a region say nothing to who knows the map
      throw nonFinite(map).orElse(e);
    }
    return FiniteCheck.require(result, map, this);
  }

  private Optional<IllegalArgumentException> nonFinite(FeatureMap map) {
    float[] values = map.sharedValues();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return Optional.of(FiniteCheck.failure(i % map.channels(), values[i], map, this));
      }
    }
    return Optional.empty();
  }

  private static FeatureMap cut(FeatureMap map, Region region) {
    int channels = map.channels();
    int row = region.width() * channels;
    float[] part = new float[region.height() * row];
    for (int y = 0; y < region.height(); y++) {
      int from = ((region.y() + y) * map.width() + region.x()) * channels;
      System.arraycopy(map.sharedValues(), from, part, y * row, row);
    }
    return FeatureMap.ofOwned(channels, region.height(), region.width(), part);
  }

  /** The shares of each region's vector; the constant of T is spread evenly over the region. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    FiniteCheck.requireDirection(direction, dimension(map.channels()));
    double[] shares = new double[map.height() * map.width()];
    for (Region region : grid.regions(map.height(), map.width())) {
      FeatureMap part = cut(map, region);
      RegionSum.Behind behind = sum.takeBack(inner.pool(part), direction);
      Optional<double[]> ofPart = inner.contributions(part, behind.direction());
      if (ofPart.isEmpty()) {
        return Optional.empty();
      }
      double even = behind.constant() / ofPart.get().length;
      for (int i = 0; i < ofPart.get().length; i++) {
        int y = region.y() + i / region.width();
        shares[y * map.width() + region.x() + i % region.width()] += ofPart.get()[i] + even;
      }
    }
    return Optional.of(shares);
  }

  @Override
  public String toString() {
    return recipe();
  }

  private static final class Trainable extends RegionalPooling implements DifferentiablePooling {
    private final RegionGrid grid;
    private final DifferentiablePooling inner;
    private final RegionSum sum;

    Trainable(RegionGrid grid, DifferentiablePooling inner, Optional<LinearTransform> transform) {
      super(grid, inner, transform);
      this.grid = grid;
      this.inner = inner;
      this.sum = new RegionSum(transform);
    }

    @Override
    public float[] parameters() {
      return inner.parameters();
    }

    @Override
    public DifferentiablePooling withParameters(float[] parameters) {
      return new Trainable(grid, inner.withParameters(parameters), transform);
    }

    @Override
    public PoolingGradient backward(FeatureMap map, float[] upstream) {
      int channels = map.channels();
      FiniteCheck.requireUpstream(upstream, dimension(channels));
      float[] gradient = new float[map.sharedValues().length];
      float[] parameters = new float[inner.parameters().length];
      List<Region> regions = new ArrayList<>(grid.regions(map.height(), map.width()));
      for (Region region : regions) {
        FeatureMap part = cut(map, region);
        PoolingGradient back = inner.backward(part, sum.backward(inner.pool(part), upstream));
        float[] ofParameters = back.parameters();
        for (int i = 0; i < parameters.length; i++) {
          parameters[i] += ofParameters[i];
        }
        float[] ofMap = back.map().sharedValues();
        int row = region.width() * channels;
        for (int y = 0; y < region.height(); y++) {
          int to = ((region.y() + y) * map.width() + region.x()) * channels;
          for (int i = 0; i < row; i++) {
            gradient[to + i] += ofMap[y * row + i];
          }
        }
      }
      return new PoolingGradient(
          FeatureMap.ofOwned(channels, map.height(), map.width(), gradient), parameters);
    }
  }
}
