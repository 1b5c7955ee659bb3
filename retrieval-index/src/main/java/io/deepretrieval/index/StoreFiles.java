// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files in the directory of a store: which are its own, and which of them have to go. */
final class StoreFiles {
  private static final System.Logger LOG = System.getLogger(StoreFiles.class.getName());

  private final Path directory;

  StoreFiles(Path directory) {
    this.directory = directory;
  }

  /** Says whether a directory holds a store. */
  static boolean exists(Path directory) {
    return Files.exists(directory.resolve(StoreManifest.FILE));
  }

  static void requireNone(Path directory) throws IOException {
    if (exists(directory)) {
      throw new IOException("store must be new but there is one in " + directory);
    }
  }

  /** Names of all files that a store may have written, sorted. */
  List<String> own() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(StoreManifest::isOwn)
          .sorted()
          .toList();
    }
  }

  /** Removes what a state does not need. */
  void removeOrphans(StoreManifest manifest) throws IOException {
    Set<String> needed = manifest.files();
    for (String name : own()) {
      if (!needed.contains(name)) {
        Files.deleteIfExists(directory.resolve(name));
      }
    }
  }

  /** A file that cannot go now, open in another process for instance, is an orphan of later. */
  void tryDelete(String name) {
    try {
      Files.deleteIfExists(directory.resolve(name));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot delete obsolete " + name, e);
    }
  }

  /** Deletes what a failed change wrote, unless the committed state needs it. */
  void deleteUnneeded(Set<Path> written, StoreManifest manifest, Exception cause) {
    Set<String> needed = manifest.files();
    for (Path file : written) {
      if (!needed.contains(String.valueOf(file.getFileName()))) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          cause.addSuppressed(e);
        }
      }
    }
  }

  /** How many bytes the files of all segments take. */
  long bytes(StoreManifest manifest) throws IOException {
    long bytes = 0;
    for (StoreManifest.Segment segment : manifest.segments()) {
      bytes += StoredSegment.size(directory, segment);
    }
    return bytes;
  }
}
