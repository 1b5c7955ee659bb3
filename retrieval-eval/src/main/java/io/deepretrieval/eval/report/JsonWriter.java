// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.IOException;
import java.io.Writer;
import java.util.HexFormat;

/** Writes JSON (RFC 8259), one member or element a line. The caller keeps the nesting right. */
final class JsonWriter {
  private static final HexFormat HEX = HexFormat.of();

  private final Writer out;
  private int depth;
  private boolean first = true;
  private boolean afterName;

  JsonWriter(Writer out) {
    this.out = out;
  }

  JsonWriter beginObject() throws IOException {
    return begin('{');
  }

  JsonWriter endObject() throws IOException {
    return end('}');
  }

  JsonWriter beginArray() throws IOException {
    return begin('[');
  }

  JsonWriter endArray() throws IOException {
    return end(']');
  }

  JsonWriter name(String name) throws IOException {
    separate();
    string(name);
    out.write(": ");
    afterName = true;
    return this;
  }

  JsonWriter value(String text) throws IOException {
    separate();
    string(text);
    return this;
  }

  JsonWriter value(int number) throws IOException {
    return raw(Integer.toString(number));
  }

  JsonWriter value(float number) throws IOException {
    requireFinite(number);
    return raw(Float.toString(number));
  }

  JsonWriter value(double number) throws IOException {
    requireFinite(number);
    return raw(Double.toString(number));
  }

  private static void requireFinite(double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("JSON number must be finite but was " + number);
    }
  }

  JsonWriter nullValue() throws IOException {
    return raw("null");
  }

  private JsonWriter raw(String text) throws IOException {
    separate();
    out.write(text);
    return this;
  }

  private JsonWriter begin(char bracket) throws IOException {
    separate();
    out.write(bracket);
    depth++;
    first = true;
    return this;
  }

  private JsonWriter end(char bracket) throws IOException {
    depth--;
    if (!first) {
      newLine();
    }
    out.write(bracket);
    first = false;
    return this;
  }

  private void separate() throws IOException {
    if (afterName) {
      afterName = false;
      return;
    }
    if (!first) {
      out.write(',');
    }
    if (depth > 0) {
      newLine();
    }
    first = false;
  }

  private void newLine() throws IOException {
    out.write('\n');
    out.write("  ".repeat(depth));
  }

  private void string(String text) throws IOException {
    out.write('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.write('\\');
        out.write(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
        // Surrogates as escapes: a lone one, from a broken file name, has no UTF-8 form.
        out.write("\\u" + HEX.toHexDigits(c));
      } else {
        out.write(c);
      }
    }
    out.write('"');
  }
}
