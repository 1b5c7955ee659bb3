// SPDX-License-Identifier: Apache-2.0
/**
 * Training losses with analytic gradients, in plain Java and double precision.
 *
 * <table>
 *   <caption>Losses by name</caption>
 *   <tr><th>name</th><th>class</th><th>paper</th></tr>
 *   <tr><td>npair</td><td>{@link io.deepretrieval.train.loss.NPairLoss}</td><td>Sohn 2016</td></tr>
 *   <tr><td>triplet</td><td>{@link io.deepretrieval.train.loss.TripletLoss}</td><td>Schroff et al.
 *     2015; Hermans et al. 2017</td></tr>
 *   <tr><td>contrastive</td><td>{@link io.deepretrieval.train.loss.ContrastiveLoss}</td><td>Hadsell
 *     et al. 2006; Radenović et al. 2018</td></tr>
 *   <tr><td>quantized-ap</td><td>{@link io.deepretrieval.train.loss.QuantizedApLoss}</td><td>Revaud
 *     et al. 2019</td></tr>
 *   <tr><td>softmax</td><td>{@link io.deepretrieval.train.loss.SoftmaxLoss}</td><td>Babenko et al.
 *     2014</td></tr>
 *   <tr><td>arcface</td><td>{@link io.deepretrieval.train.loss.ArcFaceLoss}</td><td>Deng et al.
 *     2019</td></tr>
 * </table>
 *
 * <p>How rows are compared ({@link io.deepretrieval.train.loss.Distance}), which of them form a
 * tuple ({@link io.deepretrieval.train.loss.PairMiner}, {@link
 * io.deepretrieval.train.loss.TripletMiner}) and how tuples become one number ({@link
 * io.deepretrieval.train.loss.Reduction}) are parts of their own. None of the losses normalizes its
 * input: each says by {@link io.deepretrieval.Loss#wantsUnitLength} whether its caller should,
 * which then carries the gradient back.
 */
@NullMarked
package io.deepretrieval.train.loss;

import org.jspecify.annotations.NullMarked;
