// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What the ground truth says of one query, by ids of database images. Every other image is a wrong
 * answer.
 *
 * @param good clear answers (copied)
 * @param ok answers that are partly hidden or small; they count as much as good ones (copied)
 * @param junk images that are taken out of the ranking before it is scored: neither right nor wrong
 *     (copied)
 */
public record Judgments(Set<String> good, Set<String> ok, Set<String> junk) {
  /**
   * Copies the sets and keeps their order.
   *
   * @param good clear answers (copied)
   * @param ok answers that are partly hidden or small; they count as much as good ones (copied)
   * @param junk images that are taken out of the ranking before it is scored: neither right nor
   *     wrong (copied)
   * @throws IllegalArgumentException if an image is in two of the sets
   */
  public Judgments {
    good = copy(good);
    ok = copy(ok);
    junk = copy(junk);
    requireApart("good", good, "ok", ok);
    requireApart("good", good, "junk", junk);
    requireApart("ok", ok, "junk", junk);
  }

  private static Set<String> copy(Set<String> ids) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(ids));
  }

  private static void requireApart(String nameA, Set<String> a, String nameB, Set<String> b) {
    for (String id : a) {
      if (b.contains(id)) {
        throw new IllegalArgumentException(
            "image '" + id + "' must be judged once but is " + nameA + " and " + nameB);
      }
    }
  }

  /**
   * Returns the right answers: good and ok ones.
   *
   * @return a new set, good ones first
   */
  public Set<String> positives() {
    Set<String> all = new LinkedHashSet<>(good);
    all.addAll(ok);
    return all;
  }

  /**
   * Tells whether there is a right answer.
   *
   * @return true if an image is good or ok
   */
  public boolean hasPositives() {
    return !good.isEmpty() || !ok.isEmpty();
  }

  /**
   * Tells whether an image is a right answer.
   *
   * @param id of a database image
   * @return true if it is good or ok
   */
  public boolean isPositive(String id) {
    return good.contains(id) || ok.contains(id);
  }
}
