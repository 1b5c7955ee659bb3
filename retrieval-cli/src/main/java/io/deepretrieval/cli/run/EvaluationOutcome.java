// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.eval.EvaluationResult;
import java.util.Optional;

/**
 * What an evaluation gave.
 *
 * @param result scores, rankings and failures
 * @param cache what the cache was good for; empty without one
 */
public record EvaluationOutcome(EvaluationResult result, Optional<CacheUse> cache) {}
