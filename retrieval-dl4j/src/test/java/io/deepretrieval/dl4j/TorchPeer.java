// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs scripts of {@code benchmarks/peers} where Python with torch is installed. */
public final class TorchPeer {
  private static final List<String> INTERPRETERS = List.of("python3", "/usr/bin/python3");

  private TorchPeer() {}

  /** Runs a script; skips the test where there is no torch. */
  public static void run(Path log, String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(interpreter(log), script(script).toString()));
    command.addAll(List.of(arguments));
    assertThat(execute(log, command)).as("%s, see %s", command, log).isZero();
  }

  private static String interpreter(Path log) throws IOException {
    for (String interpreter : INTERPRETERS) {
      if (execute(log, List.of(interpreter, "-c", "import torch, numpy")) == 0) {
        return interpreter;
      }
    }
    assumeThat(false).as("skipped: there is no Python with torch (Debian: python3-torch)").isTrue();
    throw new IllegalStateException("not reached");
  }

  private static Path script(String name) {
    for (Path d = Path.of("").toAbsolutePath(); d != null; d = d.getParent()) {
      Path candidate = d.resolve("benchmarks").resolve("peers").resolve(name);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException("benchmarks/peers/" + name + " must exist above the module");
  }

  private static int execute(Path log, List<String> command) throws IOException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (IOException e) {
      if (Files.isExecutable(Path.of(command.get(0)))) {
        throw e;
      }
      return -1;
    }
  }
}
