// SPDX-License-Identifier: Apache-2.0
/**
 * Networks on Deeplearning4j: their definition and import as {@code ComputationGraph}, their
 * compilation to a plan of oneDNN primitives for inference, and their training.
 *
 * <p>The way of a network: {@code ComputationGraph} (defined in {@link
 * io.deepretrieval.dl4j.network} or imported from Keras) → {@code GraphCompiler} → {@code
 * NetworkPlan} (normalization folded, activations and additions fused) → {@code OneDnnProgram} for
 * one input shape. {@link io.deepretrieval.dl4j.GraphBackbone} owns all of it; {@link
 * io.deepretrieval.dl4j.TrainableGraphBackbone} trains the plan.
 */
@NullMarked
package io.deepretrieval.dl4j;

import org.jspecify.annotations.NullMarked;
