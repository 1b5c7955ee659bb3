// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** SHA-256 over named weights, in the order in which they are added. */
final class WeightsHash {
  private final Hasher hasher = Hashing.sha256().newHasher();

  /** Adds what the values are, and the values as little-endian float32. */
  void add(String head, float[] values) {
    hasher.putString(head, StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    hasher.putBytes(bytes);
  }

  /** Ends; returns 64 hexadecimal digits. */
  String hex() {
    return hasher.hash().toString();
  }
}
