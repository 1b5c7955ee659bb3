// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.deepretrieval.dl4j.weights.WeightsCatalog.Entry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WeightsCommandTest {
  @TempDir Path cache;

  @Test
  void listsNamesFilesAndWhatIsThere() throws IOException {
    Files.createFile(cache.resolve("resnet50-11ad3fa6.pth"));
    Lines lines = Lines.of("weights", "--cache", cache.toString());
    assertThat(lines.code()).isZero();
    assertThat(lines.out().lines())
        .hasSize(10)
        .contains(
            "resnet50-v1\tresnet50-0676ba61.pth\tnot cached",
            "resnet50-v2\tresnet50-11ad3fa6.pth\tcached");
  }

  @Test
  void downloadsAndPrintsThePath() throws Exception {
    byte[] content = new byte[3_500_000];
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    Entry entry = new Entry("own", "resnet18", "Own", "own-" + hash.substring(0, 8) + ".pth");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/" + entry.file(),
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    server.start();
    try {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      Terminal terminal =
          new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);
      int code =
          new CommandLine(new WeightsCommand(terminal, List.of(entry), name -> entry))
              .execute(
                  "own",
                  "--cache",
                  cache.toString(),
                  "--source",
                  "http://127.0.0.1:" + server.getAddress().getPort());
      assertThat(code).isZero();
      assertThat(out).hasToString(cache.resolve(entry.file()) + System.lineSeparator());
      assertThat(err.toString()).contains("download, MiB 1/4").endsWith("download, MiB 4/4\n");
      assertThat(cache.resolve(entry.file())).hasBinaryContent(content);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void saysWhatItCannotDo() {
    Lines offline = Lines.of("weights", "vgg16", "--offline", "--cache", cache.toString());
    assertThat(offline.code()).isEqualTo(1);
    assertThat(offline.err())
        .isEqualToIgnoringNewLines(
            "error: weights vgg16-v1 must be in the cache when offline but are not: fetch"
                + " https://download.pytorch.org/models/vgg16-397923af.pth elsewhere and put it at "
                + cache.resolve("vgg16-397923af.pth"));
    Lines unknown = Lines.of("weights", "vgg19");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err())
        .startsWith("error: weights must be one of alexnet-v1, ")
        .contains(" but were 'vgg19' (see 'retrieval weights --help')");
    Lines plain = Lines.of("weights", "vgg16", "--source", "http://example.org/");
    assertThat(plain.code()).isEqualTo(2);
    assertThat(plain.err()).startsWith("error: the source of weights must be https://HOST/PATH, ");
    Lines mistaken =
        Lines.of(
            "export",
            "--out",
            cache.resolve("a.onnx").toString(),
            "--backbone",
            "resnet18",
            "--weights",
            "torchvision:resnet34");
    assertThat(mistaken.code()).isEqualTo(2);
    assertThat(mistaken.err())
        .startsWith(
            "error: weights of backbone resnet18 must be of that network but torchvision:resnet34"
                + " are of resnet34");
  }
}
