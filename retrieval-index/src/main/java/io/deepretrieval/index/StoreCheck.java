// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Checks every byte of a store. Changes nothing and needs no lock. */
final class StoreCheck {
  /** A writer that commits more often than this while a check runs leaves nothing to check. */
  private static final int ATTEMPTS = 10;

  private StoreCheck() {}

  /**
   * Checks the last committed state.
   *
   * @throws NoSuchFileException if there is no store
   * @throws IOException if a file cannot be read, or the store changes too often to be checked
   */
  static StoreReport verify(Path directory) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StoreManifest manifest;
      try {
        manifest = StoreManifest.read(directory);
      } catch (CorruptStoreException e) {
        return new StoreReport(0, 0, 0, 0, List.of(String.valueOf(e.getMessage())), List.of());
      }
      List<String> damages = damages(directory, manifest);
      Set<String> needed = manifest.files();
      List<String> orphans =
          new StoreFiles(directory).own().stream().filter(name -> !needed.contains(name)).toList();
      long bytes = 0;
      long rows = 0;
      for (StoreManifest.Segment segment : manifest.segments()) {
        rows += segment.rows();
        for (String file : segment.files()) {
          if (Files.exists(directory.resolve(file))) {
            bytes += Files.size(directory.resolve(file));
          }
        }
      }
      if (damages.isEmpty() || manifest.equals(StoreManifest.read(directory))) {
        return new StoreReport(
            manifest.rows(),
            rows - manifest.rows(),
            manifest.segments().size(),
            bytes,
            damages,
            orphans);
      }
    }
    throw new IOException("store " + directory + " must rest for a while but changes");
  }

  /** Names what is damaged in one state of a store, a line each. */
  static List<String> damages(Path directory, StoreManifest manifest) {
    List<String> damages = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (StoreManifest.Segment segment : manifest.segments()) {
      try {
        StoredSegment opened = StoredSegment.open(directory, segment, manifest.dimension(), null);
        opened.requireSound();
        int live = 0;
        for (int row = 0; row < opened.rows(); row++) {
          if (opened.isLive(row)) {
            live++;
            if (!ids.add(opened.id(row))) {
              damages.add("store " + directory + " has the id '" + opened.id(row) + "' twice");
            }
          }
        }
        if (live != segment.live()) {
          damages.add(
              "store "
                  + directory
                  + " must have "
                  + segment.live()
                  + " rows in "
                  + segment.name()
                  + " but has "
                  + live);
        }
      } catch (UncheckedIOException e) {
        damages.add(String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
      } catch (NoSuchFileException e) {
        damages.add(String.valueOf(StoreReader.missing(e).getMessage()));
      } catch (IOException e) {
        damages.add(String.valueOf(e.getMessage()));
      }
    }
    return damages;
  }
}
