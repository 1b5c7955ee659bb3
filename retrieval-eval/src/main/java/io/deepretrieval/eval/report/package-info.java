// SPDX-License-Identifier: Apache-2.0
/** What an evaluation is shown as: JSON, curves, intervals, one page of HTML. */
@NullMarked
package io.deepretrieval.eval.report;

import org.jspecify.annotations.NullMarked;
