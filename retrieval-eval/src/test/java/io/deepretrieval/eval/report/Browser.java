// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One page in a headless Chromium, driven over its debugging protocol. */
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
  private final List<JsonObject> events = new CopyOnWriteArrayList<>();
  private final String session;

  private Browser(Process process, String address) {
    this.process = process;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(address), new Listener())
            .join();
    JsonObject target = new JsonObject();
    target.addProperty("url", "about:blank");
    JsonObject attach = new JsonObject();
    attach.add("targetId", send("Target.createTarget", target, "").get("targetId"));
    attach.addProperty("flatten", true);
    this.session = send("Target.attachToTarget", attach, "").get("sessionId").getAsString();
    for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
      call(domain + ".enable");
    }
    call("Emulation.setFocusEmulationEnabled", "{\"enabled\":true}");
  }

  /** Starts one; skips the test where Debian's Chromium is not installed. */
  static Browser open(Path directory) throws Exception {
    assumeThat(Files.isExecutable(CHROMIUM)).as("skipped: there is no " + CHROMIUM).isTrue();
    Path profile = Files.createDirectories(directory.resolve("profile"));
    Process process =
        new ProcessBuilder(
                CHROMIUM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile.toAbsolutePath(),
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("chromium.log").toFile())
            .start();
    Path port = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> lines = List.of();
    while (lines.size() < 2 && System.nanoTime() < end && process.isAlive()) {
      TimeUnit.MILLISECONDS.sleep(50);
      lines = Files.exists(port) ? Files.readAllLines(port) : List.of();
    }
    if (lines.size() < 2) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "Chromium must open its debugging port within "
              + PATIENCE
              + " but said: "
              + Files.readString(directory.resolve("chromium.log")));
    }
    return new Browser(process, "ws://127.0.0.1:" + lines.get(0) + lines.get(1));
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
        text.setLength(0);
        CompletableFuture<JsonObject> asked =
            message.has("id") ? waiting.remove(message.get("id").getAsInt()) : null;
        if (asked == null) {
          events.add(message);
        } else if (message.has("error")) {
          asked.completeExceptionally(new IllegalStateException(message.toString()));
        } else {
          asked.complete(message.getAsJsonObject("result"));
        }
      }
      from.request(1);
      return null;
    }
  }

  private JsonObject send(String method, JsonObject parameters, String to) {
    int id = ids.incrementAndGet();
    JsonObject message = new JsonObject();
    message.addProperty("id", id);
    message.addProperty("method", method);
    message.add("params", parameters);
    if (!to.isEmpty()) {
      message.addProperty("sessionId", to);
    }
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(message.toString(), true).join();
    return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  JsonObject call(String method) {
    return send(method, new JsonObject(), session);
  }

  /** With parameters as JSON. */
  JsonObject call(String method, String parameters) {
    return send(method, JsonParser.parseString(parameters).getAsJsonObject(), session);
  }

  /** Opens a file and waits until all of it is there. */
  void load(Path file) throws InterruptedException {
    events.clear();
    call("Page.navigate", "{\"url\":\"" + file.toAbsolutePath().toUri() + "\"}");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (events("Page.loadEventFired").isEmpty()) {
      assertThat(System.nanoTime()).as("page must load").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What the page told of one kind since it was loaded. */
  List<JsonObject> events(String method) {
    List<JsonObject> found = new ArrayList<>();
    for (JsonObject event : events) {
      if (event.has("method") && event.get("method").getAsString().equals(method)) {
        found.add(event.getAsJsonObject("params"));
      }
    }
    return found;
  }

  /** The value of a JavaScript expression. */
  JsonElement evaluate(String expression) {
    JsonObject parameters = new JsonObject();
    parameters.addProperty("expression", expression);
    parameters.addProperty("returnByValue", true);
    JsonObject result = send("Runtime.evaluate", parameters, session);
    assertThat(result.has("exceptionDetails")).as(result.toString()).isFalse();
    return result.getAsJsonObject("result").get("value");
  }

  void key(String key, int code, String text) {
    String common =
        "\"key\":\"" + key + "\",\"code\":\"" + key + "\",\"windowsVirtualKeyCode\":" + code;
    String typed = text.isEmpty() ? "" : ",\"text\":\"" + text + "\"";
    call("Input.dispatchKeyEvent", "{\"type\":\"keyDown\"," + common + typed + "}");
    call("Input.dispatchKeyEvent", "{\"type\":\"keyUp\"," + common + "}");
  }

  void screen(int width, int height, boolean phone) {
    call(
        "Emulation.setDeviceMetricsOverride",
        String.format(
            "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":%s}",
            width, height, phone));
  }

  void scheme(String name) {
    call(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + name + "\"}]}");
  }

  /** Writes what is on the screen as PNG. */
  void screenshot(Path file) throws IOException {
    String png = call("Page.captureScreenshot", "{\"format\":\"png\"}").get("data").getAsString();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(png));
  }

  @Override
  public void close() {
    send("Browser.close", new JsonObject(), "");
    process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
