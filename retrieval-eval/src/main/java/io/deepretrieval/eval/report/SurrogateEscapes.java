// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.HexFormat;

/**
 * Writes surrogates of JSON as escapes: a lone one, from a broken file name, has no form in UTF-8.
 * Gson writes them as they are, and only within texts.
 */
final class SurrogateEscapes extends FilterWriter {
  private static final HexFormat HEX = HexFormat.of();

  SurrogateEscapes(Writer out) {
    super(out);
  }

  @Override
  public void write(int c) throws IOException {
    if (Character.isSurrogate((char) c)) {
      out.write("\\u" + HEX.toHexDigits((char) c));
    } else {
      out.write(c);
    }
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    write(new String(text, from, length), 0, length);
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    int begin = from;
    for (int i = from; i < from + length; i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        out.write(text, begin, i - begin);
        write(text.charAt(i));
        begin = i + 1;
      }
    }
    out.write(text, begin, from + length - begin);
  }
}
