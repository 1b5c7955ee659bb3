// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256. */
public final class Sha256 {
  private Sha256() {}

  /**
   * Starts a digest.
   *
   * @return a digest that has seen nothing
   */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }

  /**
   * Ends a digest.
   *
   * @param digest is reset
   * @return 64 hexadecimal digits, lower case
   */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Hashes a text.
   *
   * @param text is taken as UTF-8
   * @return 64 hexadecimal digits, lower case
   */
  public static String hex(String text) {
    return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
