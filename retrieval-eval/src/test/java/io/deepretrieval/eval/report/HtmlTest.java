// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class HtmlTest {
  @Test
  void textIsEscapedAndMarkupStays() {
    Html bold = Html.of("<b>{}</b>", "a < b & \"c\" 'd'");
    assertThat(bold).hasToString("<b>a &lt; b &amp; &quot;c&quot; &#39;d&#39;</b>");
    assertThat(Html.of("<p title=\"{}\">{}{}</p>", "x{}y", bold, 7))
        .hasToString("<p title=\"x{}y\"><b>a &lt; b &amp; &quot;c&quot; &#39;d&#39;</b>7</p>");
  }

  @Test
  void signsThatDeceiveOrAreForbiddenAreReplaced() {
    assertThat(Html.of("{}", "\u202Egpj.exe\u2066\u0007\n\uD83D"))
        .hasToString("\uFFFDgpj.exe\uFFFD\uFFFD\uFFFD\uFFFD");
    assertThat(Html.of("{}", "\uD83D\uDE00 \u05D0\u200D")).hasToString("\uD83D\uDE00 \u05D0\u200D");
  }

  @Test
  void partsStandBehindEachOther() {
    assertThat(Html.join(List.of(Html.of("<br>"), Html.NONE, Html.of("{}", ">"))))
        .hasToString("<br>&gt;");
  }

  @Test
  void everySlotHasAValue() {
    assertThatThrownBy(() -> Html.of("<p>{}</p>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("template must have no more slots than 0 values: <p>{}</p>");
    assertThatThrownBy(() -> Html.of("<p>{}</p>", 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("template must have a slot for each of 2 values: <p>{}</p>");
  }
}
