// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Runs scripts of {@code benchmarks/peers} where Python with torch is installed. */
public final class TorchPeer {
  private static final List<String> INTERPRETERS = List.of("python3", "/usr/bin/python3");

  private static final Pattern IMPORT = Pattern.compile("(?m)^(?:import|from) +(\\w+)");

  private TorchPeer() {}

  /** Runs a script; skips the test where Python lacks a module that the script imports. */
  public static void run(Path log, String name, String... arguments) throws IOException {
    Path script = script(name);
    List<String> command = new ArrayList<>(List.of(interpreter(log, script), script.toString()));
    command.addAll(List.of(arguments));
    assertThat(execute(log, command)).as("%s, see %s", command, log).isZero();
  }

  private static String interpreter(Path log, Path script) throws IOException {
    String modules = modules(script);
    for (String interpreter : INTERPRETERS) {
      if (execute(log, List.of(interpreter, "-c", "import " + modules)) == 0) {
        return interpreter;
      }
    }
    assumeThat(false)
        .as("skipped: no Python with %s (Debian: python3-torch python3-h5py)", modules)
        .isTrue();
    throw new IllegalStateException("not reached");
  }

  private static String modules(Path script) throws IOException {
    return IMPORT
        .matcher(Files.readString(script))
        .results()
        .map(result -> result.group(1))
        .filter(module -> Files.notExists(script.resolveSibling(module + ".py")))
        .distinct()
        .collect(Collectors.joining(", "));
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
