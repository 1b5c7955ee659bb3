// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.deepretrieval.dl4j.weights.WeightsCatalog.Entry;
import io.deepretrieval.testkit.Jvm;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a real server on the loopback interface that keeps to HTTP, or breaks it. */
class WeightsDownloadTest {
  private static final int SIZE = 200_000;
  private static final int FIRST = 50_000;

  @TempDir Path cache;

  private final byte[] content = bytes(7);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private Entry entry;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private static byte[] bytes(long seed) {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @BeforeEach
  void start() throws Exception {
    entry = new Entry("own", "resnet18", "Own", "own-" + sha256(content).substring(0, 8) + ".pth");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(String directory, Answer answer) {
    server.createContext(
        directory,
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(
              exchange.getRequestURI().getPath().replace(entry.file(), "FILE")
                  + (range == null
                      ? ""
                      : " " + range + " " + exchange.getRequestHeaders().getFirst("If-Range")));
          try {
            answer.to(exchange);
          } finally {
            exchange.close();
          }
        });
  }

  private static void status(HttpExchange exchange, int status, String... header)
      throws IOException {
    for (int i = 0; i < header.length; i += 2) {
      exchange.getResponseHeaders().set(header[i], header[i + 1]);
    }
    exchange.sendResponseHeaders(status, -1);
  }

  private void whole(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, SIZE);
    exchange.getResponseBody().write(content);
  }

  /** A server that knows ranges: the rest to who asks with the right tag, the whole to others. */
  private Answer ranged(String tag) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null || !tag.equals(exchange.getRequestHeaders().getFirst("If-Range"))) {
        whole(exchange);
        return;
      }
      int from = Integer.parseInt(range.replaceAll("\\D", ""));
      if (from >= SIZE) {
        status(exchange, 416, "Content-Range", "bytes */" + SIZE);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (SIZE - 1) + "/" + SIZE);
      exchange.sendResponseHeaders(206, SIZE - from);
      exchange.getResponseBody().write(content, from, SIZE - from);
    };
  }

  /** The first bytes, and then nothing until the latch opens. */
  private Answer begun(CountDownLatch latch, String... header) {
    return exchange -> {
      for (int i = 0; i < header.length; i += 2) {
        exchange.getResponseHeaders().set(header[i], header[i + 1]);
      }
      exchange.sendResponseHeaders(200, SIZE);
      OutputStream out = exchange.getResponseBody();
      out.write(content, 0, FIRST);
      out.flush();
      try {
        latch.await(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private URI base(String directory) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + directory);
  }

  private WeightsDownload.Builder download(String directory) {
    return WeightsDownload.builder(entry)
        .source(base(directory))
        .cache(cache)
        .timeout(Duration.ofSeconds(5));
  }

  private Path at(String ending) {
    return cache.resolve(entry.file() + ending);
  }

  private String cannot(String directory, String reason) {
    return "cannot download "
        + base(directory)
        + "/"
        + entry.file()
        + " to "
        + at("")
        + ": "
        + reason;
  }

  private void cut(String directory) {
    CountDownLatch arrived = new CountDownLatch(1);
    serve(directory + "/cut", begun(arrived, "ETag", "\"one\""));
    assertThatThrownBy(
            () ->
                download(directory + "/cut")
                    .progress(
                        (done, total) -> {
                          if (done == FIRST) {
                            arrived.countDown();
                          }
                        })
                    .build()
                    .fetch())
        .isInstanceOf(IOException.class)
        .hasMessage(
            cannot(
                directory + "/cut",
                "the connection broke after 50000 of 200000 bytes; another call goes on from there"
                    + " if the server can"));
    assertThat(at("")).doesNotExist();
    assertThat(at(".part")).hasBinaryContent(Arrays.copyOf(content, FIRST));
    server.removeContext(directory + "/cut");
    requests.clear();
  }

  private void assertWhole() {
    assertThat(at("")).hasBinaryContent(content);
    assertThat(cache).isDirectoryNotContaining(p -> p.toString().contains(".part"));
  }

  @Test
  void loadsOnceAndTellsHowFarItIs() throws IOException {
    serve("/m", ranged("\"one\""));
    List<Long> seen = new ArrayList<>();
    WeightsDownload download =
        download("/m")
            .progress(
                (done, total) -> {
                  assertThat(total).isEqualTo(SIZE);
                  seen.add(done);
                })
            .build();
    assertThat(download.fetch()).isEqualTo(at("")).isEqualTo(download.file());
    assertWhole();
    assertThat(seen).isSorted().startsWith(0L).endsWith((long) SIZE);
    assertThat(download.fetch()).isEqualTo(at(""));
    assertThat(requests).containsExactly("/m/FILE");
  }

  @Test
  void goesOnAfterACutConnection() throws IOException {
    cut("/m");
    serve("/m/cut", ranged("\"one\""));
    List<Long> seen = new ArrayList<>();
    download("/m/cut").progress((done, total) -> seen.add(done)).build().fetch();
    assertWhole();
    assertThat(requests).containsExactly("/m/cut/FILE bytes=50000- \"one\"");
    assertThat(seen).startsWith((long) FIRST).endsWith((long) SIZE);
  }

  @Test
  void startsAgainWhereTheFileChanged() throws IOException {
    cut("/m");
    serve("/m/cut", ranged("\"two\""));
    download("/m/cut").build().fetch();
    assertWhole();
    assertThat(requests).containsExactly("/m/cut/FILE bytes=50000- \"one\"");
  }

  @Test
  void startsAgainWhereTheServerKnowsNoRanges() throws IOException {
    cut("/m");
    serve("/m/cut", this::whole);
    download("/m/cut").build().fetch();
    assertWhole();
    assertThat(requests).containsExactly("/m/cut/FILE bytes=50000- \"one\"");
  }

  @Test
  void startsAgainFromAnotherServerOrWithoutAStrongTag() throws IOException {
    cut("/m");
    serve("/other", ranged("\"one\""));
    Files.copy(at(".part"), at(".copy"));
    download("/other").build().fetch();
    assertWhole();
    Files.delete(at(""));
    Files.move(at(".copy"), at(".part"));
    Files.writeString(at(".part.origin"), base("/other") + "/" + entry.file() + "\n\n");
    download("/other").build().fetch();
    assertWhole();
    assertThat(requests).containsExactly("/other/FILE", "/other/FILE");
  }

  @Test
  void takesAPartThatIsWholeAndStartsAgainBehindTheEnd() throws IOException {
    serve("/m", ranged("\"one\""));
    String origin = base("/m") + "/" + entry.file() + "\n\"one\"\n";
    Files.write(at(".part"), content);
    Files.writeString(at(".part.origin"), origin);
    download("/m").build().fetch();
    assertWhole();
    Files.delete(at(""));
    Files.write(at(".part"), new byte[SIZE + 5]);
    Files.writeString(at(".part.origin"), origin);
    download("/m").build().fetch();
    assertWhole();
    assertThat(requests)
        .containsExactly(
            "/m/FILE bytes=200000- \"one\"", "/m/FILE bytes=200005- \"one\"", "/m/FILE");
  }

  @Test
  void refusesARangeThatWasNotAskedFor() throws IOException {
    cut("/m");
    serve("/m/cut", exchange -> status(exchange, 206, "Content-Range", "bytes 7-9/200000"));
    assertThatThrownBy(() -> download("/m/cut").build().fetch())
        .hasMessage(
            cannot(
                "/m/cut",
                "the server must go on at byte 50000 but sent Content-Range 'bytes 7-9/200000';"
                    + " another call starts again"));
    assertThat(at(".part")).doesNotExist();
  }

  @Test
  void deletesWhatHasTheWrongHash() throws Exception {
    byte[] other = bytes(8);
    serve(
        "/m",
        exchange -> {
          exchange.sendResponseHeaders(200, SIZE);
          exchange.getResponseBody().write(other);
        });
    assertThatThrownBy(() -> download("/m").build().fetch())
        .hasMessage(
            cannot(
                "/m",
                "its SHA-256 must begin with "
                    + entry.hash()
                    + " but is "
                    + sha256(other)
                    + "; what came was deleted"));
    try (var left = Files.list(cache)) {
      assertThat(left).containsExactly(at(".lock"));
    }
    Files.write(at(""), other);
    requests.clear();
    assertThatThrownBy(() -> download("/m").build().fetch())
        .hasMessage(
            "the SHA-256 of "
                + at("")
                + " must begin with "
                + entry.hash()
                + " but is "
                + sha256(other)
                + ": delete it, and fetch "
                + base("/m")
                + "/"
                + entry.file()
                + " again");
    assertThat(requests).isEmpty();
  }

  @Test
  void followsEveryKindOfRedirect() throws IOException {
    int[] kinds = {301, 302, 303, 307, 308};
    for (int i = 0; i < kinds.length; i++) {
      int kind = kinds[i];
      String next = "/" + (i + 1) + "/" + entry.file();
      // absolute and relative by turns
      String location = i % 2 == 0 ? base(next).toString() : next;
      serve("/" + i, exchange -> status(exchange, kind, "Location", location));
    }
    serve("/5", ranged("\"one\""));
    download("/0").build().fetch();
    assertWhole();
    assertThat(requests)
        .containsExactly("/0/FILE", "/1/FILE", "/2/FILE", "/3/FILE", "/4/FILE", "/5/FILE");
  }

  @Test
  void boundsRedirects() {
    serve("/a", exchange -> status(exchange, 302, "Location", "/b/x"));
    serve("/b", exchange -> status(exchange, 302, "Location", "/a/" + entry.file()));
    String to = " to " + at("") + ": ";
    String a = base("/a/" + entry.file()).toString();
    assertThatThrownBy(() -> download("/a").build().fetch())
        .hasMessage(
            "cannot download "
                + a
                + " (redirected to "
                + base("/b/x")
                + ")"
                + to
                + "redirects must not go in a circle but came back to "
                + a);
    assertThat(requests).containsExactly("/a/FILE", "/b/x");
    serve("/n", exchange -> status(exchange, 302, "Location", exchange.getRequestURI() + "n"));
    assertThatThrownBy(() -> download("/n").build().fetch())
        .hasMessage(
            "cannot download "
                + base("/n/" + entry.file())
                + " (redirected to "
                + base("/n/" + entry.file() + "n".repeat(10))
                + ")"
                + to
                + "there must be at most 10 redirects but there were more");
    serve("/out", exchange -> status(exchange, 302, "Location", "http://example.org/x"));
    assertThatThrownBy(() -> download("/out").build().fetch())
        .hasMessage(
            cannot("/out", "a redirect must lead to https but led to http://example.org/x"));
    serve("/file", exchange -> status(exchange, 302, "Location", "file:///etc/hostname"));
    assertThatThrownBy(() -> download("/file").build().fetch())
        .hasMessage(
            cannot("/file", "a redirect must lead to https but led to file:///etc/hostname"));
    serve("/to", exchange -> status(exchange, 307));
    assertThatThrownBy(() -> download("/to").build().fetch())
        .hasMessage(cannot("/to", "redirect 307 must have an address as Location but has ''"));
    serve("/bad", exchange -> status(exchange, 308, "Location", "a b"));
    assertThatThrownBy(() -> download("/bad").build().fetch())
        .hasMessage(cannot("/bad", "redirect 308 must have an address as Location but has 'a b'"));
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 206, 304, 404, 416, 503})
  void saysWhatTheServerAnswered(int status) {
    serve("/m", exchange -> status(exchange, status));
    assertThatThrownBy(() -> download("/m").build().fetch())
        .isInstanceOf(IOException.class)
        .hasMessage(cannot("/m", "the server must answer 200 but answered " + status));
    assertThat(at("")).doesNotExist();
  }

  @Test
  void saysThatNobodyAnswers() throws IOException {
    server.stop(0);
    assertThatThrownBy(() -> download("/m").build().fetch())
        .hasMessage(cannot("/m", "no connection or no answer (ConnectException)"));
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI source = URI.create("http://127.0.0.1:" + mute.getLocalPort() + "/");
      assertThatThrownBy(
              () -> download("/m").source(source).timeout(Duration.ofMillis(100)).build().fetch())
          .hasMessage(
              "cannot download "
                  + source
                  + entry.file()
                  + " to "
                  + at("")
                  + ": no answer within 100 ms");
    }
  }

  @Test
  void doesNotWaitForEver() {
    CountDownLatch never = new CountDownLatch(1);
    serve("/m", begun(never));
    assertThatThrownBy(() -> download("/m").timeout(Duration.ofMillis(300)).build().fetch())
        .hasMessage(
            cannot(
                "/m",
                "no byte within 300 ms after 50000 of 200000 bytes; another call goes on from there"
                    + " if the server can"));
    never.countDown();
  }

  @Test
  void boundsTheSize() {
    serve("/m", this::whole);
    assertThatThrownBy(() -> download("/m").limit(SIZE - 1).build().fetch())
        .hasMessage(cannot("/m", "it must have at most 199999 bytes but has 200000 or more"));
    serve(
        "/unsaid",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(content);
        });
    assertThatThrownBy(() -> download("/unsaid").limit(1).build().fetch())
        .hasMessageMatching(".*: it must have at most 1 bytes but has [0-9]+ or more");
    assertThat(at(".part")).doesNotExist();
  }

  @Test
  void loadsWhatHasNoLength() throws IOException {
    serve(
        "/m",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(content);
        });
    download("/m")
        .limit(SIZE)
        .progress((d, total) -> assertThat(total).isEqualTo(-1))
        .build()
        .fetch();
    assertWhole();
  }

  @Test
  void asksNobodyOffline() throws IOException {
    WeightsDownload download = WeightsDownload.builder(entry).cache(cache).offline(true).build();
    assertThatThrownBy(download::fetch)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "weights own must be in the cache when offline but are not: fetch"
                + " https://download.pytorch.org/models/"
                + entry.file()
                + " elsewhere and put it at "
                + at(""));
    Files.write(at(""), content);
    assertThat(download.fetch()).isEqualTo(at(""));
  }

  @Test
  void stopsWhenInterruptedAndGoesOnLater() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    serve("/m", begun(never, "ETag", "\"one\""));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                download("/m")
                    .progress(
                        (done, total) -> {
                          if (done == FIRST) {
                            arrived.countDown();
                          }
                        })
                    .build()
                    .fetch();
              } catch (IOException e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : new Error("not set", e));
              }
            });
    thread.start();
    assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join(5000);
    assertThat(thrown.get())
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage(
            "interrupted while downloading " + base("/m") + "/" + entry.file() + " to " + at(""));
    never.countDown();
    server.removeContext("/m");
    serve("/m", ranged("\"one\""));
    download("/m").build().fetch();
    assertWhole();
    assertThat(requests).containsExactly("/m/FILE", "/m/FILE bytes=50000- \"one\"");
  }

  /** Fetches in a process of its own. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      WeightsDownload.builder(new Entry("own", "resnet18", "Own", arguments[0]))
          .source(URI.create(arguments[1]))
          .cache(Path.of(arguments[2]))
          .build()
          .fetch();
    }
  }

  @Test
  void oneLoadsAndTheOthersWait() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    serve(
        "/m",
        exchange -> {
          arrived.countDown();
          try {
            go.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          whole(exchange);
        });
    Path log = cache.resolve("child.log");
    Process child =
        Jvm.of(Child.class, entry.file(), base("/m").toString(), cache.toString()).start(log);
    try {
      assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
      Callable<Path> fetch = () -> download("/m").build().fetch();
      List<Future<Path>> waiting = List.of(threads.submit(fetch), threads.submit(fetch));
      Thread.sleep(200);
      assertThat(waiting).noneMatch(Future::isDone);
      go.countDown();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as(Files.readString(log)).isZero();
      for (Future<Path> path : waiting) {
        assertThat(path.get(5, TimeUnit.SECONDS)).isEqualTo(at(""));
      }
      assertThat(requests).containsExactly("/m/FILE");
      assertWhole();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void refusesOptionsThatCannotBe() {
    WeightsDownload.Builder builder = WeightsDownload.builder(entry);
    for (String source :
        List.of(
            "http://example.org/",
            "http://127.0.0.1.example.org/",
            "ftp://localhost/",
            "x",
            "https://a:b@example.org/",
            "https://example.org/?a",
            "https://example.org/#a")) {
      assertThatThrownBy(() -> builder.source(URI.create(source)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the source of weights must be https://HOST/PATH, or http on the loopback interface,"
                  + " without user, query and fragment, but was '"
                  + source
                  + "'");
    }
    assertThat(builder.source(URI.create("http://[::1]:8/a")).build().uri())
        .hasToString("http://[::1]:8/a/" + entry.file());
    assertThat(builder.source(URI.create("https://example.org/a/")).build().uri())
        .hasToString("https://example.org/a/" + entry.file());
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .hasMessage("timeout must be at least 1 ms but was PT0S");
    assertThatThrownBy(() -> builder.limit(0))
        .hasMessage("limit must be at least 1 byte but was 0");
  }

  @Test
  void keepsToTheUsualCache() {
    Path home = cache.toAbsolutePath();
    assertThat(WeightsDownload.defaultCache(Map.of(), home.toString()))
        .isEqualTo(home.resolve(".cache/deepretrieval/weights"));
    assertThat(WeightsDownload.defaultCache(Map.of("XDG_CACHE_HOME", "x"), home.toString()))
        .isEqualTo(home.resolve(".cache/deepretrieval/weights"));
    assertThat(WeightsDownload.defaultCache(Map.of("XDG_CACHE_HOME", home.toString()), "x"))
        .isEqualTo(home.resolve("deepretrieval/weights"));
  }
}
