// SPDX-License-Identifier: Apache-2.0
/** What commands run: cached evaluation, dry run, leak check, and the experiment table. */
@NullMarked
package io.deepretrieval.cli.run;

import org.jspecify.annotations.NullMarked;
