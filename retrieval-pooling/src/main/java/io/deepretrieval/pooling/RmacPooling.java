// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.RegionGrid.Region;
import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.kernel.Scratch;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * R-MAC, regional maxima: f = Σ_R n(T(n(m_R))), m_R the channel maxima of region R, n(v) = v/‖v‖, T
 * a whitening or nothing.
 *
 * <p>{@code [C,H,W]} gives {@code [C]}, or the output dimension of T. The three forms of the
 * literature:
 *
 * <ul>
 *   <li>{@link #original}: three levels, not the whole map, T a PCA-whitening fitted on region
 *       vectors of another data set ({@link #regionVectors} gives them);
 *   <li>{@link #withWholeMap}: three levels and the whole map, no T, as cnnimageretrieval-pytorch
 *       has it;
 *   <li>{@link #endToEnd}: two levels, T the shift and the linear layer that training found.
 * </ul>
 *
 * <p><b>Numbers.</b> A region whose maxima are all 0 adds nothing; a dead map gives the zero
 * vector. NaN and infinite values are refused. The gradient goes to the first maximum of each
 * region in row-major order; T is constant.
 *
 * <p>Cost: one pass over the map for the maxima of the blocks between region borders, which
 * overlapping regions share, then about twice the number of regions passes over one vector; T costs
 * its own multiplications a region.
 *
 * @see "Tolias, Sicre, Jégou: Particular object retrieval with integral max-pooling of CNN
 *     activations, ICLR 2016, arXiv:1511.05879"
 * @see "Gordo, Almazán, Revaud, Larlus: End-to-end learning of deep visual representations for
 *     image retrieval, IJCV 2017, arXiv:1610.07940"
 */
public final class RmacPooling implements DifferentiablePooling {
  /** Map sizes whose plan is kept; data sets have a handful, so this only bounds abuse. */
  private static final int MOST_PLANS = 1024;

  private final RegionGrid grid;
  private final RegionSum regions;
  private final Optional<LinearTransform> transform;
  private final Kernels kernels = Kernels.get();
  private final MaxOfRun fast = kernels::maxFast;
  private final MaxOfRun exact = this::maxExact;
  private final ConcurrentMap<Long, Plan> plans = new ConcurrentHashMap<>();
  private volatile @Nullable Plan last;

  private RmacPooling(RegionGrid grid, Optional<LinearTransform> transform) {
    this.grid = grid;
    this.transform = transform;
    this.regions = new RegionSum(transform);
  }

  /**
   * Makes R-MAC over the regions of a grid.
   *
   * @param grid which regions
   * @return R-MAC without a transform of region vectors
   */
  public static RmacPooling of(RegionGrid grid) {
    return new RmacPooling(grid, Optional.empty());
  }

  /**
   * Makes the original: three levels, not the whole map. It was published with {@link
   * #withRegionTransform}.
   *
   * @return R-MAC of Tolias et al.
   */
  public static RmacPooling original() {
    return of(new RegionGrid(3, 0.4, false));
  }

  /**
   * Makes the form with the whole map.
   *
   * @return R-MAC of cnnimageretrieval-pytorch
   */
  public static RmacPooling withWholeMap() {
    return of(new RegionGrid(3, 0.4, true));
  }

  /**
   * Makes the form of end-to-end learning: two levels. The grid is laid over the map, not over the
   * image.
   *
   * @return R-MAC of Gordo et al.
   */
  public static RmacPooling endToEnd() {
    return of(new RegionGrid(2, 0.4, false));
  }

  /**
   * Returns the same pooling with a map of the region vectors.
   *
   * @param other from C; applied to each L2-normalized region vector, whose image is L2-normalized
   *     again
   * @return a changed copy
   */
  public RmacPooling withRegionTransform(LinearTransform other) {
    return new RmacPooling(grid, Optional.of(other));
  }

  /**
   * Returns the grid, which lists the regions of a map.
   *
   * @return which regions
   */
  public RegionGrid grid() {
    return grid;
  }

  @Override
  public String recipe() {
    return "r-mac " + grid.recipe() + regions.recipe();
  }

  @Override
  public int dimension(int channels) {
    return regions.dimension(FiniteCheck.requireChannels(channels));
  }

  @Override
  public float[] pool(FeatureMap map) {
    int channels = map.channels();
    float[] result = new float[dimension(channels)];
    Plan plan = plan(map.height(), map.width());
    float[] maxima = maxima(map, plan);
    regions.add(maxima, plan.regions.size(), channels, result);
    return FiniteCheck.require(result, map, this);
  }

  /**
   * Returns the vector of each region, L2-normalized and before the transform: what a regional
   * whitening is fitted on.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @return vectors {@code [C]} in the order of {@link RegionGrid#regions}; that of a dead region
   *     is 0
   * @throws IllegalArgumentException if the map holds NaN or an infinite value
   */
  public List<float[]> regionVectors(FeatureMap map) {
    Plan plan = plan(map.height(), map.width());
    float[] maxima = maxima(map, plan);
    int channels = map.channels();
    RegionSum plain = new RegionSum(Optional.empty());
    float[][] out = new float[plan.regions.size()][channels];
    for (int r = 0; r < out.length; r++) {
      plain.add(Arrays.copyOfRange(maxima, r * channels, (r + 1) * channels), 1, channels, out[r]);
    }
    return List.of(out);
  }

  private Plan plan(int height, int width) {
    Plan recent = last;
    if (recent != null && recent.height == height && recent.width == width) {
      return recent;
    }
    long key = (long) height << 32 | width;
    Plan plan = plans.get(key);
    if (plan == null) {
      plan = new Plan(grid.regions(height, width), height, width);
      if (plans.size() < MOST_PLANS) {
        plans.put(key, plan);
      }
    }
    last = plan;
    return plan;
  }

  /** The maxima of all regions, one after the other, in memory of this thread. */
  private float[] maxima(FeatureMap map, Plan plan) {
    int channels = map.channels();
    int n = plan.regions.size();
    float[] out = Scratch.REGION.floats(n * channels);
    float[] blocks = Scratch.BLOCK.floats(plan.blocks() * channels);
    Arrays.fill(blocks, 0, plan.blocks() * channels, -0f);
    float poison = plan.fill(map.sharedValues(), channels, blocks, fast);
    if (!Maxima.valid(poison, blocks, plan.blocks() * channels)) {
      Arrays.fill(blocks, 0, plan.blocks() * channels, Float.NEGATIVE_INFINITY);
      plan.fill(map.sharedValues(), channels, blocks, exact);
      plan.combine(blocks, channels, out, Float.NEGATIVE_INFINITY, exact);
      requireFinite(out, n * channels, map);
    } else {
      plan.combine(blocks, channels, out, -0f, fast);
    }
    return out;
  }

  private float maxExact(float[] values, int from, int cells, int channels, float[] acc, int at) {
    kernels.maxExact(values, from, cells, channels, acc, at);
    return 0;
  }

  private void requireFinite(float[] maxima, int n, FeatureMap map) {
    for (int i = 0; i < n; i++) {
      if (!Float.isFinite(maxima[i])) {
        throw FiniteCheck.failure(i % map.channels(), maxima[i], map, this);
      }
    }
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    int channels = map.channels();
    FiniteCheck.requireUpstream(upstream, dimension(channels));
    Plan plan = plan(map.height(), map.width());
    float[] maxima = maxima(map, plan);
    float[] values = map.sharedValues();
    float[] gradient = new float[values.length];
    for (int r = 0; r < plan.regions.size(); r++) {
      float[] max = Arrays.copyOfRange(maxima, r * channels, (r + 1) * channels);
      float[] back = regions.backward(max, upstream);
      Region region = plan.regions.get(r);
      int[] first = new int[channels];
      for (int y = region.y() + region.height() - 1; y >= region.y(); y--) {
        for (int x = region.x() + region.width() - 1; x >= region.x(); x--) {
          int base = (y * map.width() + x) * channels;
          for (int c = 0; c < channels; c++) {
            if (values[base + c] == max[c]) {
              first[c] = base + c;
            }
          }
        }
      }
      for (int c = 0; c < channels; c++) {
        gradient[first[c]] += back[c];
      }
    }
    return new PoolingGradient(
        FeatureMap.ofOwned(channels, map.height(), map.width(), gradient), new float[0]);
  }

  /**
   * A maximum of a region belongs to the first cell, row by row, that has it; the constant of T is
   * spread evenly over the region.
   */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    int channels = map.channels();
    FiniteCheck.requireDirection(direction, dimension(channels));
    Plan plan = plan(map.height(), map.width());
    float[] maxima = maxima(map, plan).clone();
    double[] shares = new double[map.height() * map.width()];
    for (int r = 0; r < plan.regions.size(); r++) {
      Region region = plan.regions.get(r);
      float[] max = Arrays.copyOfRange(maxima, r * channels, (r + 1) * channels);
      RegionSum.Behind behind = regions.takeBack(max, direction);
      Maxima.share(map, region, behind.direction(), shares);
      double even = behind.constant() / (region.height() * region.width());
      for (int y = region.y(); y < region.y() + region.height(); y++) {
        for (int x = region.x(); x < region.x() + region.width(); x++) {
          shares[y * map.width() + x] += even;
        }
      }
    }
    return Optional.of(shares);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RmacPooling that
        && grid.equals(that.grid)
        && transform.equals(that.transform);
  }

  @Override
  public int hashCode() {
    return grid.hashCode() + 31 * transform.hashCode();
  }

  @Override
  public String toString() {
    return recipe();
  }

  /** Takes {@code acc[at+c] = max(acc[at+c], values)} over a run of cells; NaN is reported. */
  private interface MaxOfRun {
    float take(float[] values, int from, int cells, int channels, float[] acc, int at);
  }

  /** The blocks between all region borders, and which of them make each region. */
  private static final class Plan {
    private final List<Region> regions;
    private final int height;
    private final int width;
    private final int[] rows;
    private final int[] columns;

    Plan(List<Region> regions, int height, int width) {
      this.regions = regions;
      this.height = height;
      this.width = width;
      this.rows =
          regions.stream()
              .flatMapToInt(r -> IntStream.of(r.y(), r.y() + r.height()))
              .sorted()
              .distinct()
              .toArray();
      this.columns =
          regions.stream()
              .flatMapToInt(r -> IntStream.of(r.x(), r.x() + r.width()))
              .sorted()
              .distinct()
              .toArray();
    }

    int blocks() {
      return (rows.length - 1) * (columns.length - 1);
    }

    /** Reads the map once, forwards. */
    float fill(float[] values, int channels, float[] blocks, MaxOfRun max) {
      float poison = 0;
      int across = columns.length - 1;
      for (int j = 0; j + 1 < rows.length; j++) {
        for (int y = rows[j]; y < rows[j + 1]; y++) {
          for (int i = 0; i < across; i++) {
            int from = (y * width + columns[i]) * channels;
            int cells = columns[i + 1] - columns[i];
            poison += max.take(values, from, cells, channels, blocks, (j * across + i) * channels);
          }
        }
      }
      return poison;
    }

    void combine(float[] blocks, int channels, float[] out, float lowest, MaxOfRun max) {
      int across = columns.length - 1;
      Arrays.fill(out, 0, regions.size() * channels, lowest);
      for (int r = 0; r < regions.size(); r++) {
        Region region = regions.get(r);
        int left = Arrays.binarySearch(columns, region.x());
        int cells = Arrays.binarySearch(columns, region.x() + region.width()) - left;
        int bottom = Arrays.binarySearch(rows, region.y() + region.height());
        for (int j = Arrays.binarySearch(rows, region.y()); j < bottom; j++) {
          max.take(blocks, (j * across + left) * channels, cells, channels, out, r * channels);
        }
      }
    }
  }
}
