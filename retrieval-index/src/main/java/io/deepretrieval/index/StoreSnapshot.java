// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Copies a committed state to another directory, checking every byte. */
final class StoreSnapshot {
  private StoreSnapshot() {}

  /**
   * Copies.
   *
   * @throws IOException if there is a store in the target, or either of the two is not sound
   */
  static void write(Path directory, StoreManifest manifest, Path target) throws IOException {
    Files.createDirectories(target);
    StoreFiles.requireNone(target);
    List<String> damages = StoreCheck.damages(directory, manifest);
    if (!damages.isEmpty()) {
      throw new IOException("store must be sound for a snapshot but " + damages.get(0));
    }
    StoreLock held = StoreLock.take(target);
    try {
      StoreFiles.requireNone(target);
      for (StoreManifest.Segment segment : manifest.segments()) {
        for (String file : segment.files()) {
          CheckedFile.copy(directory.resolve(file), target.resolve(file));
        }
      }
      AtomicFiles.forceDirectory(target);
      CheckedFile.replace(target.resolve(StoreManifest.FILE), manifest.bytes());
      AtomicFiles.forceDirectory(target);
    } finally {
      held.close();
    }
    List<String> copied = StoreCheck.damages(target, manifest);
    if (!copied.isEmpty()) {
      throw new IOException("snapshot must be sound but " + copied.get(0));
    }
  }
}
