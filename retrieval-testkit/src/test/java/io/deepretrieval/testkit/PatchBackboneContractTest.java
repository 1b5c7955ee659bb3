// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The contract holds for the smallest backbone there is. */
final class PatchBackboneContractTest extends TrainableBackboneContract {
  @Override
  protected TrainableBackbone open() {
    return PatchBackbone.of(5, 1);
  }

  @Override
  protected TrainableBackbone open(Path file) throws IOException {
    return PatchBackbone.read(file);
  }

  @Override
  protected Optional<RgbImage> tooSmall() {
    return Optional.of(Randoms.ofSeed(3).image(20, 7));
  }
}
