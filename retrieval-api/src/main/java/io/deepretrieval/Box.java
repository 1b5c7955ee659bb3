// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * An axis-parallel box in an image, in pixels. Coordinates follow the ground-truth files of Oxford
 * and Paris: {@code x} grows to the right, {@code y} downwards, (0, 0) is the upper left corner,
 * and the four numbers are two corners, not a corner and a size.
 *
 * @param x1 left edge, at least 0
 * @param y1 upper edge, at least 0
 * @param x2 right edge, exclusive, greater than {@code x1}
 * @param y2 lower edge, exclusive, greater than {@code y1}
 */
public record Box(double x1, double y1, double x2, double y2) {
  /**
   * Checks the corners.
   *
   * @param x1 left edge, at least 0
   * @param y1 upper edge, at least 0
   * @param x2 right edge, exclusive, greater than {@code x1}
   * @param y2 lower edge, exclusive, greater than {@code y1}
   * @throws IllegalArgumentException if a coordinate is not finite or negative, or the box is empty
   */
  public Box {
    if (!(x1 >= 0 && y1 >= 0 && x2 > x1 && y2 > y1)
        || Double.isInfinite(x2)
        || Double.isInfinite(y2)) {
      throw new IllegalArgumentException(
          "box must satisfy 0 <= x1 < x2 and 0 <= y1 < y2 but was "
              + x1
              + ","
              + y1
              + ","
              + x2
              + ","
              + y2);
    }
  }

  /**
   * Reads {@code x1,y1,x2,y2}.
   *
   * @param text four decimal numbers separated by commas
   * @return the box
   * @throws IllegalArgumentException if the text has another form or the box is empty
   */
  public static Box parse(String text) {
    String[] parts = text.split(",", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("box must be x1,y1,x2,y2 but was '" + text + "'");
    }
    double[] v = new double[4];
    for (int i = 0; i < 4; i++) {
      try {
        v[i] = Double.parseDouble(parts[i].trim());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("box must be x1,y1,x2,y2 but was '" + text + "'", e);
      }
    }
    return new Box(v[0], v[1], v[2], v[3]);
  }

  /**
   * Returns the width in pixels.
   *
   * @return {@code x2 - x1}
   */
  public double width() {
    return x2 - x1;
  }

  /**
   * Returns the height in pixels.
   *
   * @return {@code y2 - y1}
   */
  public double height() {
    return y2 - y1;
  }
}
