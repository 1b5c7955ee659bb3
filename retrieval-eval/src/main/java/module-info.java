// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Data sets, protocols, metrics and the HTML report of image retrieval.
 *
 * <p>{@code java.desktop} is used for the head of image files and to write thumbnails as JPEG.
 */
@NullMarked
module io.deepretrieval.eval {
  requires static org.jspecify;
  requires transitive io.deepretrieval.api;
  requires java.desktop;

  exports io.deepretrieval.eval;
}
