// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.deepretrieval.dl4j.ResNet18Provider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.testkit.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Nd4jBackendTest {
  @Test
  void saysWhatWasFound() {
    assertThat(Nd4jBackend.require().getClass().getSimpleName()).isEqualTo("CpuBackend");
    assertThat(Nd4jBackend.describe())
        .matches("ND4J CpuBackend on " + System.getProperty("os.name") + ", BLAS [A-Z]+");
    Loader.load(dnnl.class);
    assertThat(Nd4jBackend.describeOneDnn()).matches("oneDNN 2\\.5\\.2 \\([A-Z].*\\)");
  }

  @ParameterizedTest
  @CsvSource({"3,7", "5,0", "5,3", "6,1", "7,0", "7,2", "7,5", "8,0", "8,6", "8,9"})
  void devicesWithMachineCodeRun(int major, int minor) {
    assertThat(Nd4jBackend.refusal(0, major, minor)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"2,1", "3,0", "3,5", "4,0", "9,0", "10,0", "12,0"})
  void otherDevicesAreRefusedByNumber(int major, int minor) {
    assertThat(Nd4jBackend.refusal(1, major, minor))
        .contains(
            "ND4J's CUDA backend has no code for device 1: its compute capability must be 3.7 or"
                + " 5.0 to 8.9 but is "
                + major
                + "."
                + minor
                + "; hide it by CUDA_VISIBLE_DEVICES or use nd4j-native to run on the CPU");
  }

  @Test
  void missingLibrariesAreNotAMissingDriver() {
    assertThat(Nd4jBackend.cannotLoad(true))
        .isEqualTo(
            "ND4J's CUDA backend cannot start: the libraries of CUDA 11.6 cannot be loaded. Install"
                + " CUDA 11.6, or add org.bytedeco:cuda:11.6-8.3-1.5.7 with the"
                + " classifier of this platform and -redist; use nd4j-native to run on the CPU");
  }

  /** A program with the real CUDA backend on its class path, on a machine without a driver. */
  @Test
  void aMissingDriverIsOneLine() throws IOException {
    assumeThat(Files.exists(Path.of("/proc/driver/nvidia/version")))
        .as("this test wants a machine without an NVIDIA driver")
        .isFalse();
    assumeThat(System.getProperty("os.name")).startsWith("Linux");
    List<Path> backend;
    try (var jars = Files.list(Path.of("target/cuda-backend"))) {
      backend = jars.toList();
    }
    assertThat(backend).as("copied by the build").hasSize(1);
    Jvm.Outcome outcome =
        Jvm.of(Program.class)
            .classPath(backend, entry -> !entry.contains("nd4j-native-1"))
            .run(Duration.ofSeconds(60));
    assertThat(outcome.output().strip())
        .isEqualTo(
            "IllegalStateException: ND4J's CUDA backend cannot start: there is no NVIDIA driver."
                + " Install one for CUDA 11.6 or later; use nd4j-native to run on the CPU");
    assertThat(outcome.exitValue()).isEqualTo(3);
  }

  /** Opens a network as an application does. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws IOException {
      for (int attempt = 0; attempt < 2; attempt++) {
        try {
          new ResNet18Provider().create(Options.of(Map.of("seed", "1"))).close();
        } catch (IllegalStateException e) {
          if (attempt == 1) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
            System.exit(3);
          }
        }
      }
    }
  }
}
