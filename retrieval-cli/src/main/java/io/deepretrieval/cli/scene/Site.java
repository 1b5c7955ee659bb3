// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a building stands; the same in all of its images.
 *
 * @param ground what the place is covered with, as long as it does not snow
 * @param houses its neighbors
 */
record Site(Landscape.Ground ground, List<House> houses) {
  /**
   * A neighbor.
   *
   * @param building from the street
   * @param at the middle of its floor
   */
  record House(Building building, Vec at) {}

  /** A place with up to eight houses around the building. */
  static Site around(Building subject, List<Building> street, Rng rng) {
    List<House> houses = new ArrayList<>();
    for (int side = -1; side <= 1; side += 2) {
      double x = side * (subject.width() / 2 + rng.range(2, 12));
      int n = rng.between(0, 2);
      for (int i = 0; i < n; i++) {
        Building house = rng.pick(street);
        x += side * house.width() / 2;
        houses.add(new House(house, new Vec(x, 0, rng.range(-14, 2))));
        x += side * (house.width() / 2 + rng.range(0, 5));
      }
    }
    int behind = rng.between(0, 4);
    for (int i = 0; i < behind; i++) {
      Building house = rng.pick(street);
      double z = -subject.depth() / 2 - house.depth() - rng.range(4, 40);
      houses.add(new House(house, new Vec(rng.range(-1.4, 1.4) * (subject.width() + 10), 0, z)));
    }
    return new Site(
        rng.pick(
            Landscape.Ground.PAVING,
            Landscape.Ground.PAVING,
            Landscape.Ground.GRASS,
            Landscape.Ground.GRASS,
            Landscape.Ground.ASPHALT,
            Landscape.Ground.SAND,
            Landscape.Ground.WATER),
        List.copyOf(houses));
  }
}
