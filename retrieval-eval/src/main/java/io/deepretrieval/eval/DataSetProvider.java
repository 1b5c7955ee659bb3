// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.spi.NamedProvider;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a data set of one layout from disk, for callers that know only its name. Thread-safe.
 *
 * <p>{@link io.deepretrieval.eval.dataset.DataSets} finds the providers.
 */
public interface DataSetProvider extends NamedProvider {
  /**
   * Reads the data set. No image is decoded.
   *
   * @param root its directory
   * @param options what the caller asks for; an unknown option is refused
   * @param missing learns of each image that the ground truth names and that does not exist
   * @return the data set, whose name is that of this provider
   * @throws IllegalArgumentException if an option is unknown or out of range
   * @throws DataSetException if something in the directory is missing or damaged; the message names
   *     file and line
   * @throws IOException if a file cannot be read
   */
  RetrievalDataSet read(Path root, Options options, MissingImages missing) throws IOException;

  /**
   * Returns the set that this one is with more images in the database. It may lie in the same
   * directory.
   *
   * @return a name of a data set; empty, which is the default, if this is none with more images
   */
  default Optional<String> base() {
    return Optional.empty();
  }

  /**
   * Returns what the versions of this set are called, enlarged, revisited or trained on: they have
   * images in common.
   *
   * @return matches whole {@linkplain #plain plain} names; by default that of this set alone
   */
  default Pattern versions() {
    return Pattern.compile(Pattern.quote(plain(name())));
  }

  /**
   * Says whether a network that was trained on a set has seen what the queries of this one show.
   *
   * @param trainingSet the name of the training set
   * @return by default true for {@link #versions} of this set
   */
  default boolean overlaps(String trainingSet) {
    return versions().matcher(plain(trainingSet)).matches();
  }

  /**
   * Returns a name in the form that {@link #versions} matches.
   *
   * @param name for instance {@code R-Oxford 5k}
   * @return its letters and digits in lower case, for instance {@code roxford5k}
   */
  static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }
}
