// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

/** Text that may stand in HTML, as content and in quoted attributes. */
final class Html {
  private Html() {}

  /**
   * Escapes what HTML gives a meaning to. Controls, which HTML forbids, lone surrogates, which
   * UTF-8 cannot hold, and marks that turn the direction of the text around them become U+FFFD.
   */
  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(isPlain(c) ? c : 0xFFFD);
              }
            });
    return out.toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.SURROGATE -> false;
      // Bidirectional embeddings, overrides and isolates: a file name could hide its ending.
      case Character.FORMAT -> !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
      default -> true;
    };
  }
}
