// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an evaluation would lack and cost.
 *
 * @param dataSet name of the data set
 * @param queries how many
 * @param databaseImages how many
 * @param missing images that are not there, each in one line
 * @param unreadable images that cannot be decoded, each in one line
 * @param surplus images that nothing uses
 * @param cost empty if no image can be read
 */
public record DryRunReport(
    String dataSet,
    int queries,
    int databaseImages,
    List<String> missing,
    List<String> unreadable,
    List<Path> surplus,
    Optional<Cost> cost) {
  /**
   * Copies the lists.
   *
   * @param dataSet name of the data set
   * @param queries how many
   * @param databaseImages how many
   * @param missing images that are not there (copied)
   * @param unreadable images that cannot be decoded (copied)
   * @param surplus images that nothing uses (copied)
   * @param cost empty if no image can be read
   */
  public DryRunReport {
    missing = List.copyOf(missing);
    unreadable = List.copyOf(unreadable);
    surplus = List.copyOf(surplus);
  }

  /**
   * Tells whether an evaluation could begin.
   *
   * @return true if every image is there and readable
   */
  public boolean isComplete() {
    return missing.isEmpty() && unreadable.isEmpty();
  }

  /**
   * What an evaluation would cost.
   *
   * @param largest the image of most pixels
   * @param width its width
   * @param height its height
   * @param decodedBytes memory of it, decoded
   * @param vectorBytes memory of all vectors, on the heap or, with a cache, mapped
   * @param nameBytes memory of names and paths
   * @param images how many are described altogether, each query box for one
   * @param ahead how many of them are not in the cache
   * @param secondsEach time to describe one, measured on a few; 0 if none is ahead
   */
  public record Cost(
      Path largest,
      int width,
      int height,
      long decodedBytes,
      long vectorBytes,
      long nameBytes,
      int images,
      int ahead,
      double secondsEach) {
    /**
     * Returns the time to describe what is ahead.
     *
     * @return seconds
     */
    public double seconds() {
      return secondsEach * ahead;
    }
  }
}
