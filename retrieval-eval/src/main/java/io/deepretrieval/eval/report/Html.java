// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import com.google.common.html.HtmlEscapers;

/** Markup made of templates; what is put into one is escaped. Immutable. */
final class Html {
  static final Html NONE = new Html("");

  private static final String SLOT = "{}";

  private final String markup;

  private Html(String markup) {
    this.markup = markup;
  }

  /**
   * Fills a template, which is a constant of the program.
   *
   * @param template markup with a {@code {}} for each value
   * @param values markup, which stays as it is, or anything else, whose text is escaped
   */
  static Html of(String template, Object... values) {
    StringBuilder out = new StringBuilder(template.length() + 32 * values.length);
    int from = 0;
    for (Object value : values) {
      int slot = template.indexOf(SLOT, from);
      if (slot < 0) {
        throw new IllegalArgumentException(
            "template must have a slot for each of " + values.length + " values: " + template);
      }
      out.append(template, from, slot);
      out.append(value instanceof Html html ? html.markup : escape(String.valueOf(value)));
      from = slot + SLOT.length();
    }
    if (template.indexOf(SLOT, from) >= 0) {
      throw new IllegalArgumentException(
          "template must have no more slots than " + values.length + " values: " + template);
    }
    return new Html(out.append(template, from, template.length()).toString());
  }

  /** One behind the other. */
  static Html join(Iterable<Html> parts) {
    StringBuilder out = new StringBuilder();
    parts.forEach(part -> out.append(part.markup));
    return new Html(out.toString());
  }

  /**
   * Escapes what HTML gives a meaning to. Controls, which HTML forbids, lone surrogates, which
   * UTF-8 cannot hold, and marks that turn the direction of the text around them become U+FFFD.
   */
  private static String escape(String text) {
    if (text.codePoints().allMatch(Html::isPlain)) {
      return HtmlEscapers.htmlEscaper().escape(text);
    }
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints().forEach(c -> plain.appendCodePoint(isPlain(c) ? c : 0xFFFD));
    return HtmlEscapers.htmlEscaper().escape(plain.toString());
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.SURROGATE -> false;
      // Bidirectional embeddings, overrides and isolates: a file name could hide its ending.
      case Character.FORMAT -> !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
      default -> true;
    };
  }

  /** The markup. */
  @Override
  public String toString() {
    return markup;
  }
}
