// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One transfer from a server to a part file, on from where an earlier one ended. Beside the part
 * stands whose part it is: the address, and the validator that the server gave. Used once, by one
 * thread, under the lock of {@link WeightsDownload}.
 */
final class HttpDownload {
  static final int REDIRECTS = 10;

  private static final Set<Integer> REDIRECTING = Set.of(301, 302, 303, 307, 308);
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (?:(\\d{1,18})-\\d{1,18}|\\*)/(\\d{1,18}|\\*)");
  private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]+");

  private final URI from;
  private final Path part;
  private final Path origin;
  private final Path file;
  private final Duration timeout;
  private final long limit;
  private final WeightsDownload.Progress progress;
  private final HttpClient client;
  private URI at;
  private String validator = "";

  HttpDownload(
      URI from,
      Path part,
      Path file,
      Duration timeout,
      long limit,
      WeightsDownload.Progress progress) {
    this.from = from;
    this.part = part;
    this.origin = part.resolveSibling(part.getFileName() + ".origin");
    this.file = file;
    this.timeout = timeout;
    this.limit = limit;
    this.progress = progress;
    this.at = from;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  /** Whether an address may be asked: encrypted, or on this machine. */
  static boolean isSafe(URI uri) {
    if (uri.getHost() == null) {
      return false;
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    return scheme.equals("https") || (scheme.equals("http") && isLoopback(uri.getHost()));
  }

  // By its text: a name could be resolved to anything.
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }

  /** Brings the whole file into the part. */
  void run() throws IOException, InterruptedException {
    long offset = resumable();
    HttpResponse<HttpBody> response = follow(offset);
    if (response.statusCode() == 416 && offset > 0) {
      response.body().cancel();
      if (contentRange(response, 2) == offset) {
        return;
      }
      offset = 0;
      response = follow(0);
    }
    try {
      receive(response, offset);
    } finally {
      response.body().cancel();
    }
  }

  /** Forgets what has come. */
  void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(origin);
  }

  IOException failure(String reason) {
    return new IOException(
        "cannot download "
            + from
            + (at.equals(from) ? "" : " (redirected to " + at + ")")
            + " to "
            + file
            + ": "
            + reason);
  }

  /** How much of the part can be gone on from. */
  private long resumable() throws IOException {
    if (!Files.isRegularFile(part) || !Files.isRegularFile(origin) || Files.size(origin) > 8192) {
      return 0;
    }
    String[] lines = new String(Files.readAllBytes(origin), StandardCharsets.UTF_8).split("\n", -1);
    if (lines.length != 3
        || !lines[0].equals(from.toString())
        || !PRINTABLE.matcher(lines[1]).matches()) {
      return 0;
    }
    validator = lines[1];
    return Files.size(part);
  }

  private HttpResponse<HttpBody> follow(long offset) throws IOException, InterruptedException {
    at = from;
    Set<URI> seen = new HashSet<>(Set.of(from));
    while (true) {
      HttpResponse<HttpBody> response = send(offset);
      if (!REDIRECTING.contains(response.statusCode())) {
        return response;
      }
      response.body().cancel();
      URI next = location(response);
      if (!isSafe(next) || (at.getScheme().equalsIgnoreCase("https") && !isHttps(next))) {
        throw failure("a redirect must lead to https but led to " + next);
      }
      if (!seen.add(next)) {
        throw failure("redirects must not go in a circle but came back to " + next);
      }
      if (seen.size() > REDIRECTS + 1) {
        throw failure("there must be at most " + REDIRECTS + " redirects but there were more");
      }
      at = next;
    }
  }

  private static boolean isHttps(URI uri) {
    return uri.getScheme().equalsIgnoreCase("https");
  }

  private URI location(HttpResponse<?> response) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    try {
      if (!location.isEmpty()) {
        return at.resolve(location);
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw failure(
        "redirect "
            + response.statusCode()
            + " must have an address as Location but has '"
            + location
            + "'");
  }

  private HttpResponse<HttpBody> send(long offset) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at).timeout(timeout).header("Accept-Encoding", "identity");
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-").header("If-Range", validator);
    }
    try {
      return client.send(request.build(), head -> new HttpBody());
    } catch (HttpTimeoutException e) {
      throw because("no answer within " + timeout.toMillis() + " ms", e);
    } catch (IOException e) {
      throw because("no connection or no answer (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private void receive(HttpResponse<HttpBody> response, long asked)
      throws IOException, InterruptedException {
    int status = response.statusCode();
    if (status != 200 && !(status == 206 && asked > 0)) {
      throw failure("the server must answer 200 but answered " + status);
    }
    long offset = status == 200 ? 0 : asked;
    if (status == 206 && contentRange(response, 1) != offset) {
      discard();
      throw failure(
          "the server must go on at byte "
              + offset
              + " but sent Content-Range '"
              + response.headers().firstValue("Content-Range").orElse("")
              + "'; another call starts again");
    }
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (length > limit - offset) {
      discard();
      throw tooLarge(offset + length);
    }
    write(response, offset, length < 0 ? -1 : offset + length);
  }

  private void write(HttpResponse<HttpBody> response, long offset, long total)
      throws IOException, InterruptedException {
    long done = offset;
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (offset == 0) {
        // In this order a crash never leaves bytes of one version beside the validator of another.
        out.truncate(0);
        Files.write(
            origin, (from + "\n" + validator(response) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      out.position(offset);
      progress.at(done, total);
      while (true) {
        List<ByteBuffer> buffers = next(response.body(), done, total);
        if (buffers == null) {
          break;
        }
        for (ByteBuffer buffer : buffers) {
          done += buffer.remaining();
          if (done > limit) {
            discard();
            throw tooLarge(done);
          }
          store(buffer, out);
        }
        progress.at(done, total);
      }
      out.force(true);
    }
  }

  private void store(ByteBuffer buffer, FileChannel out) throws IOException {
    try {
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      throw because("cannot write " + part + " (" + e.getMessage() + ")", e);
    }
  }

  private @Nullable List<ByteBuffer> next(HttpBody body, long done, long total)
      throws IOException, InterruptedException {
    try {
      return body.next(timeout);
    } catch (HttpTimeoutException e) {
      throw because(e.getMessage() + " after " + amount(done, total), e);
    } catch (IOException e) {
      throw because("the connection broke after " + amount(done, total), e);
    }
  }

  private static String amount(long done, long total) {
    return done
        + (total < 0 ? "" : " of " + total)
        + " bytes; another call goes on from there if the server can";
  }

  private IOException tooLarge(long found) {
    return failure("it must have at most " + limit + " bytes but has " + found + " or more");
  }

  private IOException because(String reason, Throwable cause) {
    IOException failure = failure(reason);
    failure.initCause(cause);
    return failure;
  }

  /** What If-Range may hold: a strong ETag, else the date; empty if the server gives neither. */
  private static String validator(HttpResponse<?> response) {
    String tag = response.headers().firstValue("ETag").orElse("");
    String given =
        tag.startsWith("\"") ? tag : response.headers().firstValue("Last-Modified").orElse("");
    return PRINTABLE.matcher(given).matches() ? given : "";
  }

  /** Group 1 is the first byte, 2 the length of the whole; -1 if it is not there. */
  private static long contentRange(HttpResponse<?> response, int group) {
    Matcher matcher =
        CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    if (!matcher.matches() || matcher.group(group) == null || matcher.group(group).equals("*")) {
      return -1;
    }
    return Long.parseLong(matcher.group(group));
  }
}
