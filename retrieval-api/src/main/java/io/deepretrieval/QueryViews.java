// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turned and mirrored copies of a query, for collections whose images are not upright. Off by
 * default: the database stays as it is, and each view costs an extraction and a search.
 */
public enum QueryViews {
  /** The image alone. */
  AS_IS(false, false),
  /** The image and its mirror image, left and right exchanged. */
  MIRROR(false, true),
  /** The image and its turns by 90, 180 and 270 degrees, clockwise. */
  ROTATIONS(true, false),
  /** The four turns, then the mirror images of the four. */
  ROTATIONS_AND_MIRROR(true, true);

  private final boolean rotations;
  private final boolean mirror;

  QueryViews(boolean rotations, boolean mirror) {
    this.rotations = rotations;
    this.mirror = mirror;
  }

  /**
   * Makes the views of an image.
   *
   * @param image the image
   * @return 1, 2, 4 or 8 images, the given one first
   */
  public List<RgbImage> of(RgbImage image) {
    List<RgbImage> views = new ArrayList<>();
    views.add(image);
    for (int turn = 1; rotations && turn < 4; turn++) {
      views.add(views.get(turn - 1).turned());
    }
    if (mirror) {
      List.copyOf(views).forEach(view -> views.add(view.mirrored()));
    }
    return views;
  }

  /**
   * Searches with each view and ranks a database vector by its best score over the views, ties by
   * the earlier view and then by rank.
   *
   * @param index where to search
   * @param views descriptors of one query, at least one
   * @param request the same for each view
   * @return at most k hits; visited counts all searches
   * @throws IllegalArgumentException if there is no view
   */
  public static SearchResult search(Index index, List<Descriptor> views, SearchRequest request) {
    if (views.isEmpty()) {
      throw new IllegalArgumentException("views must number at least 1 but numbered 0");
    }
    Map<String, SearchHit> best = new HashMap<>();
    List<SearchHit> order = new ArrayList<>();
    long visited = 0;
    for (Descriptor view : views) {
      SearchResult result = index.search(view, request);
      visited += result.visited();
      for (SearchHit hit : result.hits()) {
        SearchHit known = best.get(hit.id());
        if (known == null || hit.score() > known.score()) {
          best.put(hit.id(), hit);
          order.remove(known);
          order.add(hit);
        }
      }
    }
    List<SearchHit> hits =
        order.stream()
            .sorted((a, b) -> Float.compare(b.score(), a.score()))
            .limit(request.k())
            .toList();
    return new SearchResult(hits, visited);
  }
}
