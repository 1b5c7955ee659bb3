// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Parameter;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values that a training changes, with the gradient that was added up for them, how they learn, and
 * the moments that the optimizer keeps of them.
 */
abstract class TrainedTensor {
  private final String name;
  private final String momentName;
  private final double rateFactor;
  private final boolean decayed;
  private float @Nullable [][] moments;

  /**
   * @param name of the values in a checkpoint
   * @param momentName of their moments in a checkpoint
   * @param rateFactor of the learning rate
   * @param decayed whether the weight decay applies
   */
  TrainedTensor(String name, String momentName, double rateFactor, boolean decayed) {
    this.name = name;
    this.momentName = momentName;
    this.rateFactor = rateFactor;
    this.decayed = decayed;
  }

  /** A copy. */
  abstract float[] values();

  /** Takes over as many values as {@link #values} has. */
  abstract void set(float[] values);

  /** Lets a rule change the values. */
  abstract void update(Parameter.Rule rule);

  /** The sum of the squares of the gradient. */
  abstract double gradientSquares();

  abstract void clearGradient();

  /** Takes one step along the gradient; a tensor without values has none. */
  final void step(Optimizer optimizer, float scale, long update, double rate) {
    update(
        (values, gradient) -> {
          if (values.length > 0) {
            if (moments == null) {
              moments = new float[optimizer.moments()][values.length];
            }
            optimizer.apply(values, gradient, scale, moments, update, rate * rateFactor, decayed);
          }
        });
  }

  final void putValues(Map<String, float[]> arrays) {
    arrays.put(name, values());
  }

  final void putMoments(Map<String, float[]> arrays) {
    for (int i = 0; moments != null && i < moments.length; i++) {
      arrays.put(momentKey(i), moments[i]);
    }
  }

  final void restoreValues(Map<String, float[]> arrays) {
    set(Objects.requireNonNull(arrays.get(name), name));
  }

  /** Moments that are not there were none yet. */
  final void restoreMoments(Map<String, float[]> arrays, int count) {
    moments = null;
    if (arrays.containsKey(momentKey(0))) {
      float[][] own = new float[count][];
      for (int i = 0; i < count; i++) {
        own[i] = Objects.requireNonNull(arrays.get(momentKey(i)), momentName);
      }
      moments = own;
    }
  }

  private String momentKey(int i) {
    return "moment " + i + " " + momentName;
  }
}
