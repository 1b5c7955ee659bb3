// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

/**
 * A pinhole camera.
 *
 * @param at where it stands
 * @param right unit vector of growing x in the image
 * @param up unit vector of shrinking y in the image
 * @param forward unit vector into the image
 * @param focal in pixels
 * @param cx column of the optical axis
 * @param cy row of the optical axis
 */
record Camera(Vec at, Vec right, Vec up, Vec forward, double focal, double cx, double cy) {
  /** A camera that looks at a point, turned by roll about its axis. */
  static Camera lookAt(Vec at, Vec target, double roll, double focal, int width, int height) {
    Vec forward = target.minus(at).unit();
    Vec level = forward.cross(new Vec(0, 1, 0)).unit();
    Vec above = level.cross(forward);
    double c = Math.cos(roll);
    double s = Math.sin(roll);
    return new Camera(
        at,
        level.times(c).plus(above.times(s)),
        above.times(c).minus(level.times(s)),
        forward,
        focal,
        width / 2.0,
        height / 2.0);
  }

  /** The same view in a frame of other size, whose axis stays in its middle. */
  Camera inFrame(double scale, int width, int height) {
    return new Camera(at, right, up, forward, focal * scale, width / 2.0, height / 2.0);
  }

  double depth(Vec p) {
    return p.minus(at).dot(forward);
  }

  double column(Vec p) {
    return cx + focal * p.minus(at).dot(right) / depth(p);
  }

  double row(Vec p) {
    return cy - focal * p.minus(at).dot(up) / depth(p);
  }

  /** The direction of a pixel, of length 1 along the axis. */
  Vec ray(double x, double y) {
    return forward.plus(right.times((x - cx) / focal)).plus(up.times((cy - y) / focal));
  }
}
