// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import java.nio.file.Path;

/**
 * What a run took from its cache and added to it.
 *
 * @param store where the vectors of the recipe are kept
 * @param kept vectors that were there
 * @param added vectors that were made
 */
public record CacheUse(Path store, int kept, int added) {}
