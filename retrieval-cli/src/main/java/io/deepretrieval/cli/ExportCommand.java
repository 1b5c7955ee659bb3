// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Backbone;
import io.deepretrieval.BackboneSpec;
import io.deepretrieval.onnx.OnnxExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code export}: a network to an ONNX file. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes a network up to its layer as an ONNX file. Of the options below those of the"
            + " network apply; pooling and what follows it are not part of the file.")
final class ExportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The ONNX file, FILE.onnx; replaced if it is there.")
  private Path out = Path.of("");

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (!out.toString().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
      throw new ParameterException(
          spec.commandLine(), "--out must end with .onnx but was '" + out + "'");
    }
    try (Backbone network = extraction.openNetwork()) {
      OnnxExport.write(out, network);
      BackboneSpec exported = network.spec();
      terminal.print(
          "%s to %s, %d channels, stride %d, in %s; %d bytes",
          exported.name(),
          exported.layer(),
          exported.output().channels(),
          exported.output().stride(),
          out,
          Files.size(out));
      return 0;
    }
  }
}
