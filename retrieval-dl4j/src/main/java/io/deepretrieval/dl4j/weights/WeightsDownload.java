// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.deepretrieval.dl4j.weights.WeightsCatalog.Entry;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/**
 * Brings a file of {@link WeightsCatalog} into a directory, once.
 *
 * <p>The file gets its name only when its SHA-256 begins as its name says; until then it is {@code
 * FILE.part}, from which a later call goes on if the server still has the same version and can. Of
 * several processes and threads that want the same file one loads it and the others wait. An empty
 * {@code FILE.lock} stays behind. The hash in the name has 32 bits: it finds damage, and it is
 * https that keeps a stranger out.
 *
 * <p>Whether the weights may be used for what is planned is said by their publisher, see {@link
 * WeightsCatalog}.
 *
 * <p>Immutable and thread-safe.
 */
public final class WeightsDownload {
  /** Where torchvision publishes its weights. */
  private static final URI TORCHVISION = URI.create("https://download.pytorch.org/models/");

  private static final long POLL_MILLIS = 50;

  private final Entry entry;
  private final URI uri;
  private final Path file;
  private final boolean offline;
  private final Duration timeout;
  private final long limit;
  private final Progress progress;

  private WeightsDownload(Builder builder) {
    entry = builder.entry;
    uri = builder.source.resolve(entry.file());
    file = builder.cache.resolve(entry.file());
    offline = builder.offline;
    timeout = builder.timeout;
    limit = builder.limit;
    progress = builder.progress;
  }

  /** Is told how far a download is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Takes note; called by the thread that fetches, at the start and after each piece.
     *
     * @param done bytes in the file so far, those of earlier calls too
     * @param total bytes of the whole file; -1 if the server does not say
     */
    void at(long done, long total);
  }

  /**
   * Begins a download of weights.
   *
   * @param entry which
   * @return a builder with torchvision's server, the default cache, 30 seconds and 1 GiB
   */
  public static Builder builder(Entry entry) {
    return new Builder(entry);
  }

  /**
   * Returns where files are kept if nothing else is said.
   *
   * @return {@code deepretrieval/weights} in {@code XDG_CACHE_HOME} if that is an absolute path,
   *     otherwise in {@code .cache} of the user's home
   */
  public static Path defaultCache() {
    return defaultCache(System.getenv(), System.getProperty("user.home", ""));
  }

  static Path defaultCache(Map<String, String> environment, String home) {
    Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
    return (xdg.isAbsolute() ? xdg : Path.of(home, ".cache")).resolve("deepretrieval/weights");
  }

  /**
   * Returns where the file is loaded from.
   *
   * @return its address before redirects
   */
  public URI uri() {
    return uri;
  }

  /**
   * Returns where the file is, or will be.
   *
   * @return its path in the cache
   */
  public Path file() {
    return file;
  }

  /**
   * Loads the file if it is not there. An existing file is checked against its name, about half a
   * second for 200 MB, and no server is asked.
   *
   * @return its path
   * @throws InterruptedIOException if the thread was interrupted, which stays set; what has come is
   *     kept
   * @throws IOException if it cannot be loaded or written, has the wrong hash or is too large, or
   *     if it is not there in offline mode; address and path are in the message
   */
  public Path fetch() throws IOException {
    if (Files.exists(file)) {
      return checked();
    }
    if (offline) {
      throw new IOException(
          "weights "
              + entry.name()
              + " must be in the cache when offline but are not: fetch "
              + uri
              + " elsewhere and put it at "
              + file);
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel lock =
        FileChannel.open(beside(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      acquire(lock);
      if (Files.exists(file)) {
        return checked();
      }
      load();
      return file;
    } catch (InterruptedException | ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while downloading " + uri + " to " + file);
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private Path beside(String ending) {
    return file.resolveSibling(entry.file() + ending);
  }

  // Polled: a lock that the same process holds is an exception, not a wait.
  private static void acquire(FileChannel channel) throws IOException, InterruptedException {
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return;
        }
      } catch (OverlappingFileLockException e) {
        // another thread of this process
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void load() throws IOException, InterruptedException {
    Path part = beside(".part");
    HttpDownload download = new HttpDownload(uri, part, file, timeout, limit, progress);
    download.run();
    String hash = sha256(part);
    if (!hash.startsWith(entry.hash())) {
      download.discard();
      throw download.failure(
          "its SHA-256 must begin with "
              + entry.hash()
              + " but is "
              + hash
              + "; what came was deleted");
    }
    AtomicFiles.rename(part, file);
    AtomicFiles.forceDirectoryOf(file);
    download.discard();
  }

  private Path checked() throws IOException {
    String hash = sha256(file);
    if (!hash.startsWith(entry.hash())) {
      throw new IOException(
          "the SHA-256 of "
              + file
              + " must begin with "
              + entry.hash()
              + " but is "
              + hash
              + ": delete it, and fetch "
              + uri
              + " again");
    }
    return file;
  }

  private static String sha256(Path file) throws IOException {
    return MoreFiles.asByteSource(file).hash(Hashing.sha256()).toString();
  }

  /** Options of a download. */
  public static final class Builder {
    private final Entry entry;
    private URI source = TORCHVISION;
    private Path cache = defaultCache();
    private boolean offline;
    private Duration timeout = Duration.ofSeconds(30);
    private long limit = 1L << 30;
    private Progress progress = (done, total) -> {};

    private Builder(Entry entry) {
      this.entry = entry;
    }

    /**
     * Loads from another server, a mirror for instance.
     *
     * @param directory the address that the name of the file is appended to; {@code http} only on
     *     this machine
     * @return this
     * @throws IllegalArgumentException if it is no such address, or has a user, query or fragment
     */
    public Builder source(URI directory) {
      if (!HttpDownload.isSafe(directory)
          || directory.getRawUserInfo() != null
          || directory.getRawQuery() != null
          || directory.getRawFragment() != null) {
        throw new IllegalArgumentException(
            "the source of weights must be https://HOST/PATH, or http on the loopback interface,"
                + " without user, query and fragment, but was '"
                + directory
                + "'");
      }
      String text = directory.toString();
      source = text.endsWith("/") ? directory : URI.create(text + "/");
      return this;
    }

    /**
     * Keeps files elsewhere.
     *
     * @param directory where; made when it is needed
     * @return this
     */
    public Builder cache(Path directory) {
      cache = directory;
      return this;
    }

    /**
     * Asks no server: what is not there is an error that says where to get it.
     *
     * @param only whether to
     * @return this
     */
    public Builder offline(boolean only) {
      offline = only;
      return this;
    }

    /**
     * Bounds the wait for a connection, for an answer and for each further piece of it.
     *
     * @param most at least a millisecond
     * @return this
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder timeout(Duration most) {
      if (most.compareTo(Duration.ofMillis(1)) < 0) {
        throw new IllegalArgumentException("timeout must be at least 1 ms but was " + most);
      }
      timeout = most;
      return this;
    }

    /**
     * Bounds the size of the file.
     *
     * @param bytes at least 1
     * @return this
     * @throws IllegalArgumentException if it is less
     */
    public Builder limit(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("limit must be at least 1 byte but was " + bytes);
      }
      limit = bytes;
      return this;
    }

    /**
     * Sets who is told how far it is.
     *
     * @param listener who
     * @return this
     */
    public Builder progress(Progress listener) {
      progress = listener;
      return this;
    }

    /**
     * Builds the download; nothing is asked or written before {@link WeightsDownload#fetch()}.
     *
     * @return the download
     */
    public WeightsDownload build() {
      return new WeightsDownload(this);
    }
  }
}
