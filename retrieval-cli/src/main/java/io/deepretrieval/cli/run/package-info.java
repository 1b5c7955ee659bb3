// SPDX-License-Identifier: Apache-2.0
/**
 * What the commands run, for programs too: evaluation with kept vectors ({@link
 * io.deepretrieval.cli.run.EvaluationRun}), a look at what one would cost ({@link
 * io.deepretrieval.cli.run.DryRun}), the search for images of a test that were trained on ({@link
 * io.deepretrieval.cli.run.LeakCheck}) and tables of published results ({@link
 * io.deepretrieval.cli.run.Experiment}).
 *
 * <p>Nothing here prints: results are values, and a {@link io.deepretrieval.cli.run.RunListener}
 * learns of progress.
 */
@NullMarked
package io.deepretrieval.cli.run;

import org.jspecify.annotations.NullMarked;
