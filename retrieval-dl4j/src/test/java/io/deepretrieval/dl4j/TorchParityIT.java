// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks beside torch, from the same file of weights; skipped where there is no torch. */
class TorchParityIT {
  @TempDir Path directory;

  static List<String> networks() {
    return Boolean.getBoolean("parity.all")
        ? List.of("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "alexnet", "vgg16")
        : List.of("resnet18", "resnet50", "alexnet");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void givesTheMapsOfTorch(String name) throws IOException {
    TorchPeer.run(directory.resolve("log"), "parity.py", directory.toString(), name);
    ParityCases cases = ParityCases.read(directory.resolve(name + "-out.pth"));
    for (String layer : cases.layers()) {
      Options options =
          Options.of(
              Map.of("weights", directory.resolve(name + ".pth").toString(), "layer", layer));
      try (Backbone backbone = Providers.backbones().get(name).create(options)) {
        cases.compare(name, layer, backbone);
      }
    }
  }
}
