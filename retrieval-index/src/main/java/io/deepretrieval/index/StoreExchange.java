// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Vectors out of a store and into one, as {@code NAME.npy} or {@code NAME.fvecs} with the ids
 * beside them in {@code NAME.txt}: UTF-8, one a line, in the order of the rows. Metadata stay
 * behind.
 */
public final class StoreExchange {
  private static final List<String> WRITTEN = List.of(".npy", ".fvecs");
  private static final List<String> READ = List.of(".npy", ".npz", ".fvecs", ".ivecs", ".bvecs");

  private StoreExchange() {}

  /**
   * Writes the vectors of one committed state.
   *
   * @param store what to write
   * @param file {@code NAME.npy} or {@code NAME.fvecs}
   * @return how many vectors
   * @throws IOException if a file cannot be written or read
   * @throws IllegalArgumentException if the file has another ending, or an id has a line break
   */
  public static int write(StoreReader store, Path file) throws IOException {
    List<String> ids = new ArrayList<>();
    if (requireEnding(file, WRITTEN).equals(".npy")) {
      try (NumpyFiles.Writer out = NumpyFiles.writer(file, store.dimension())) {
        store.forEach(
            (id, descriptor, metadata) -> {
              ids.add(requireLine(id));
              out.write(descriptor.toArray());
            });
        out.finish();
      }
    } else {
      try (FvecsFiles.Writer out = FvecsFiles.writer(file, store.dimension())) {
        store.forEach(
            (id, descriptor, metadata) -> {
              ids.add(requireLine(id));
              out.write(descriptor.toArray());
            });
        out.finish();
      }
    }
    AtomicFiles.writeLines(idFile(file), ids);
    return ids.size();
  }

  private static String requireLine(String id) {
    if (id.lines().count() > 1 || id.endsWith("\n") || id.endsWith("\r")) {
      throw new IllegalArgumentException("id must be one line for a text file but is '" + id + "'");
    }
    return id;
  }

  /**
   * Adds vectors to a store, as made by the recipe of the store; the caller knows that they were.
   *
   * @param file {@code NAME.npy} of any type of numbers, {@code NAME.npz} with one array, {@code
   *     NAME.fvecs}, {@code .ivecs} or {@code .bvecs}
   * @param store where to; committed by the caller
   * @return how many vectors
   * @throws IOException if a file cannot be read, a value is not finite, or there are not as many
   *     ids as rows; what came before it is added
   * @throws IllegalArgumentException if the file has another ending, the dimension differs or an id
   *     is present; what came before it is added
   */
  public static int read(Path file, DescriptorStore store) throws IOException {
    boolean numpy = requireEnding(file, READ).startsWith(".np");
    List<String> ids = Files.readAllLines(idFile(file));
    int[] rows = new int[1];
    Iterator<String> names = ids.iterator();
    Consumer<float[]> add =
        row -> {
          rows[0]++;
          if (names.hasNext()) {
            store.add(names.next(), Descriptor.copyOf(row, store.recipe()));
          }
        };
    if (numpy) {
      NumpyFiles.read(file, add);
    } else {
      FvecsFiles.read(file, add);
    }
    if (rows[0] != ids.size()) {
      throw new IOException(
          idFile(file) + " must have " + rows[0] + " ids (" + file + ") but has " + ids.size());
    }
    return rows[0];
  }

  private static String requireEnding(Path file, List<String> endings) {
    return endings.stream()
        .filter(file.toString()::endsWith)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "file of vectors must end in "
                        + String.join(", ", endings.subList(0, endings.size() - 1))
                        + " or "
                        + endings.get(endings.size() - 1)
                        + " but is "
                        + file));
  }

  private static Path idFile(Path file) {
    String name = String.valueOf(file.getFileName());
    return file.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
  }
}
