// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.Pooling;
import io.deepretrieval.Transform;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.HeadProvider;
import io.deepretrieval.spi.HeadSpec;
import java.util.List;
import java.util.Optional;

/** Makes poolings and transforms of this module of the numbers of a checkpoint. */
public final class StandardHeadProvider implements HeadProvider {
  /** Regions of cnnimageretrieval-pytorch: three levels and the whole map. */
  private static final RegionGrid GRID = new RegionGrid(3, 0.4, true);

  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public StandardHeadProvider() {}

  @Override
  public String name() {
    return "standard";
  }

  @Override
  public Pooling pooling(HeadSpec head) {
    Pooling plain = plain(head);
    Pooling pooled =
        head.regional()
            .map(
                map ->
                    (Pooling) RegionalPooling.of(GRID, plain, Optional.of(LinearTransform.of(map))))
            .orElse(plain);
    return head.projection()
        .map(
            map ->
                (Pooling) new ProjectedPooling(pooled, LinearTransform.of(map), head.normalized()))
        .orElse(pooled);
  }

  private static Pooling plain(HeadSpec head) {
    int expected =
        switch (head.pooling()) {
          case "mac", "spoc", "r-mac" -> 0;
          case "gem" -> 1;
          default -> -1;
        };
    boolean many = head.pooling().equals("gem-mp") && !head.p().isEmpty();
    if (head.p().size() != expected && !many) {
      throw new IllegalArgumentException(
          "pooling of a checkpoint must be mac, spoc or r-mac without p, gem with one p or gem-mp"
              + " with one a channel but was "
              + head.pooling()
              + " with "
              + head.p().size());
    }
    return switch (head.pooling()) {
      case "mac" -> new MacPooling();
      case "spoc" -> SpocPooling.mean();
      case "r-mac" -> RmacPooling.withWholeMap();
      case "gem" -> GemPooling.fixed(head.p().get(0));
      default -> {
        float[] p = new float[head.p().size()];
        for (int i = 0; i < p.length; i++) {
          p[i] = head.p().get(i);
        }
        yield GemPooling.perChannel(p);
      }
    };
  }

  @Override
  public List<Transform> transforms(HeadSpec head) {
    return head.transforms().stream().map(map -> (Transform) LinearTransform.of(map)).toList();
  }
}
