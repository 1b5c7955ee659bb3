// SPDX-License-Identifier: Apache-2.0
/**
 * Measures retrieval: data sets with their ground truth, the metrics of their protocols, the run
 * over images, and what is shown of it.
 *
 * <p>The way of an evaluation: {@link io.deepretrieval.eval.dataset.DataSets#read} gives a {@link
 * io.deepretrieval.eval.RetrievalDataSet}, {@link io.deepretrieval.eval.Evaluator#run} an {@link
 * io.deepretrieval.eval.EvaluationResult} with the scores by each {@link
 * io.deepretrieval.eval.Protocol}, and {@link io.deepretrieval.eval.report.HtmlReport} and {@link
 * io.deepretrieval.eval.report.ResultJson} write it down.
 */
@NullMarked
package io.deepretrieval.eval;

import org.jspecify.annotations.NullMarked;
