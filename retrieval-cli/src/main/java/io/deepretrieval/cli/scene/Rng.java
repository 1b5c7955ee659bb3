// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.util.List;
import java.util.SplittableRandom;

/** A seeded source of chance with the few draws that scenes need. Not thread-safe. */
final class Rng {
  private final SplittableRandom random;

  private Rng(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A stream that depends on every key, so that one image does not shift the chance of others. */
  static Rng of(long... keys) {
    long mixed = 0x9E3779B97F4A7C15L;
    for (long key : keys) {
      mixed = mix(mixed ^ mix(key + 0x632BE59BD9B4E019L));
    }
    return new Rng(mixed);
  }

  /** The finaliser of MurmurHash3. */
  private static long mix(long z) {
    long a = (z ^ (z >>> 33)) * 0xFF51AFD7ED558CCDL;
    long b = (a ^ (a >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return b ^ (b >>> 33);
  }

  double range(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** A whole number from low to high, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  double gaussian() {
    return random.nextGaussian();
  }

  long bits() {
    return random.nextLong();
  }

  <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  @SafeVarargs
  final <T> T pick(T first, T... others) {
    int i = random.nextInt(others.length + 1);
    return i == 0 ? first : others[i - 1];
  }
}
