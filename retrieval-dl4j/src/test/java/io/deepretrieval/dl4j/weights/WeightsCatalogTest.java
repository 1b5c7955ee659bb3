// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.dl4j.ResNet34Provider;
import io.deepretrieval.dl4j.network.TorchvisionNetwork;
import io.deepretrieval.dl4j.weights.WeightsCatalog.Entry;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsCatalogTest {
  private static final String NAMES =
      "alexnet-v1, vgg16-v1, resnet18-v1, resnet34-v1, resnet50-v1, resnet50-v2, resnet101-v1,"
          + " resnet101-v2, resnet152-v1, resnet152-v2";

  @Test
  void hasWeightsForEveryNetworkOfTorchvision() {
    assertThat(WeightsCatalog.entries().stream().map(Entry::backbone).distinct().toList())
        .isEqualTo(TorchvisionNetwork.all().stream().map(TorchvisionNetwork::name).toList());
    assertThat(WeightsCatalog.entries().stream().map(Entry::name))
        .containsExactly(NAMES.split(", "));
    assertThat(WeightsCatalog.entries().stream().map(Entry::file)).doesNotHaveDuplicates();
  }

  @Test
  void findsByName() {
    Entry v2 = WeightsCatalog.get("torchvision:resnet50-v2");
    assertThat(v2)
        .isEqualTo(
            new Entry(
                "resnet50-v2",
                "resnet50",
                "ResNet50_Weights.IMAGENET1K_V2",
                "resnet50-11ad3fa6.pth"));
    assertThat(v2.hash()).isEqualTo("11ad3fa6");
    assertThat(WeightsCatalog.get("resnet50").file()).isEqualTo("resnet50-0676ba61.pth");
    assertThat(WeightsCatalog.get("alexnet").hash()).isEqualTo("7be5be79");
    assertThatThrownBy(() -> WeightsCatalog.get("torchvision:resnet18-v2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weights must be one of " + NAMES + " but were 'resnet18-v2'");
  }

  @Test
  void aFileIsNamedByItsHash() {
    for (String file :
        List.of("a.pth", "../a-01234567.pth", "a-0123456.pth", "a-0123456G.pth", "-01234567.pth")) {
      assertThatThrownBy(() -> new Entry("a", "b", "c", file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a file of weights must be named NAME-HASH.pth, HASH being 8 to 64 lower-case"
                  + " hexadecimal digits, but was '"
                  + file
                  + "'");
    }
  }

  @Test
  void aNameStandsForTheFileInTheCache(@TempDir Path cache) throws IOException {
    Path file = cache.resolve("resnet18-f37072fd.pth");
    assertThatThrownBy(() -> WeightsCatalog.cached("torchvision:resnet18", "resnet18", cache))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "weights torchvision:resnet18 must be in the cache but are not: the command 'weights"
                + " resnet18-v1' or WeightsDownload brings"
                + " https://download.pytorch.org/models/resnet18-f37072fd.pth to "
                + file);
    Files.createFile(file);
    assertThat(WeightsCatalog.cached("torchvision:resnet18", "resnet18", cache)).isEqualTo(file);
    assertThatThrownBy(
            () ->
                new ResNet34Provider().create(Options.NONE.with("weights", "torchvision:resnet18")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "weights of backbone resnet34 must be of that network but torchvision:resnet18 are of"
                + " resnet18");
  }
}
