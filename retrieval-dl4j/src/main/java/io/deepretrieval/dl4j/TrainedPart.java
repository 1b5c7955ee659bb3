// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.engine.TrainingWeights;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.PlanFuser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a plan is split into a frozen trunk and a rest that is trained.
 *
 * @param border the value between the two, 0 where there is no trunk
 * @param trained the convolutions that are trained, by their steps in the rest
 */
record TrainedPart(int border, Set<Integer> trained) {
  TrainedPart {
    trained = Set.copyOf(trained);
  }

  /**
   * Finds the part that is trained.
   *
   * @param plan the network
   * @param order names of its layers, each behind those that it reads
   * @param from the first layer to train, or the beginning of its name; empty for all
   * @return the part
   * @throws IllegalArgumentException if there is no such layer, or no weights at or behind it
   */
  static TrainedPart of(NetworkPlan plan, List<String> order, String from) {
    int first = firstTrained(plan, order, from);
    int border = border(plan, first);
    Set<Integer> trained = new HashSet<>();
    for (int i = first; i < plan.steps().size(); i++) {
      if (plan.steps().get(i) instanceof Conv) {
        trained.add(i - border);
      }
    }
    return new TrainedPart(border, trained);
  }

  /** The whole plan with the weights that the rest has while it is trained. */
  NetworkPlan withWeights(NetworkPlan plan, TrainingWeights weights) {
    List<Step> steps = new ArrayList<>(plan.steps().subList(0, border));
    for (int i = border; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      steps.add(step instanceof Conv conv ? conv.withWeights(weights.entry(i - border)) : step);
    }
    return new NetworkPlan(plan.inputChannels(), steps);
  }

  /** The first step that is a convolution at or behind the named layer. */
  private static int firstTrained(NetworkPlan plan, List<String> order, String from) {
    Map<String, Integer> positions = new HashMap<>();
    int at = -1;
    for (int i = 0; i < order.size(); i++) {
      String vertex = order.get(i);
      positions.put(vertex, i);
      if (at < 0
          && (from.isEmpty()
              || vertex.equals(from)
              || vertex.startsWith(from + ".")
              || vertex.startsWith(from + "_"))) {
        at = i;
      }
    }
    if (at < 0) {
      throw new IllegalArgumentException(
          "unknown layer to train from '" + from + "'; known: " + String.join(", ", order));
    }
    for (int i = 0; i < plan.steps().size(); i++) {
      if (plan.steps().get(i) instanceof Conv conv
          && positions.getOrDefault(conv.name(), 0) >= at) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "layer to train from '" + from + "' has no weights behind it");
  }

  /** The last value at or before a step that everything behind it depends on alone. */
  private static int border(NetworkPlan plan, int step) {
    int border = step;
    for (int i = plan.steps().size() - 1; i >= border; i--) {
      for (int input : plan.steps().get(i).inputs()) {
        if (input < border) {
          border = input;
          i = plan.steps().size();
          break;
        }
      }
    }
    return border;
  }

  /** The steps behind a value, which becomes value 0. */
  static NetworkPlan behind(NetworkPlan plan, int border) {
    if (border == 0) {
      return plan;
    }
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int v = border; v <= plan.steps().size(); v++) {
      numbers.put(v, v - border);
    }
    List<Step> steps = new ArrayList<>();
    for (Step step : plan.steps().subList(border, plan.steps().size())) {
      steps.add(PlanFuser.rename(step, numbers));
    }
    return new NetworkPlan(plan.steps().get(border - 1).channels(), steps);
  }
}
