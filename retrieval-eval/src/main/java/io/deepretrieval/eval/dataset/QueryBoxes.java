// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes and checks the part of an image that is searched with. */
final class QueryBoxes {
  private QueryBoxes() {}

  /** Two corners, which must not be empty or negative. */
  static Box corners(double x1, double y1, double x2, double y2, SourceLocation place)
      throws DataSetException {
    try {
      return new Box(x1, y1, x2, y2);
    } catch (IllegalArgumentException e) {
      throw place.error(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Refuses a box beyond the image; one over its border is cut when it is used. An image whose head
   * cannot be read is left to the run, which lists it among its failures.
   */
  static void requireOverlap(Box box, DataSetImage image, SourceLocation place)
      throws DataSetException {
    Optional<ImageSize> size = ImageSize.read(image.file());
    if (size.isPresent() && !size.get().mayHold(box)) {
      throw place.error(
          String.format(
              Locale.ROOT,
              "box must overlap the image of %dx%d pixels but was %s,%s,%s,%s",
              size.get().width(),
              size.get().height(),
              box.x1(),
              box.y1(),
              box.x2(),
              box.y2()));
    }
  }

  /** Refuses a query that another has been already: it would count twice in every mean. */
  static final class Once {
    private final Map<List<Object>, String> places = new HashMap<>();

    /**
     * Adds a query.
     *
     * @param at what to call the place to somebody who reads the same query elsewhere
     */
    void require(String image, Box box, String at, SourceLocation place) throws DataSetException {
      String before = places.putIfAbsent(List.of(image, box), at);
      if (before != null) {
        throw place.error(
            String.format(
                Locale.ROOT,
                "query '%s' with the box %s,%s,%s,%s must be asked once but is in %s too",
                image,
                box.x1(),
                box.y1(),
                box.x2(),
                box.y2(),
                before));
      }
    }
  }
}
