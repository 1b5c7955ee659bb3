// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.LinearMap;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.spi.HeadSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All of a checkpoint but the network and the whitenings.
 *
 * @param architecture name of the network
 * @param preprocessing how bytes become its input
 * @param head what follows it
 * @param local the whitening of single positions of its map
 * @param scaleExponent of the mean over scales
 * @param whitenings the data sets that whitenings were fitted on
 * @param names of the tensors that are no weights of the network
 */
record CheckpointParts(
    String architecture,
    Preprocessing preprocessing,
    HeadSpec head,
    Optional<LinearMap> local,
    double scaleExponent,
    List<String> whitenings,
    Set<String> names) {}
