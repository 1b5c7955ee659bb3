// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

/**
 * What an image of a landmark is meant for; says how much of the landmark it shows and from how far
 * aside.
 */
enum Shot {
  /** Clear enough to ask with. */
  QUERY(0.72, 1, 0.4, 1.05, 1.3),
  /** More than half is visible. */
  GOOD(0.54, 1, 0.6, 1.0, 1.4),
  /** At least a quarter is visible. */
  OK(0.28, 0.47, 0.7, 1.1, 2.2),
  /** Less than a quarter is visible. */
  JUNK(0.03, 0.22, 0.9, 0.8, 2.8),
  /** A building that is no landmark. */
  DISTRACTOR(0.3, 1, 0.7, 0.9, 1.6);

  /** Least visible part of the landmark. */
  final double least;

  /** Greatest visible part. */
  final double most;

  /** Greatest angle from the front, in radians. */
  final double aside;

  /** Least side of the building in the frame; 1 covers as much as the frame. */
  final double far;

  /** Greatest size of the building in the frame. */
  final double near;

  Shot(double least, double most, double aside, double far, double near) {
    this.least = least;
    this.most = most;
    this.aside = aside;
    this.far = far;
    this.near = near;
  }
}
