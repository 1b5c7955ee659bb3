// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What must hold of every report in a browser. */
final class PageChecks {
  /** The ratio of WCAG for every text that is seen, against the nearest color behind it. */
  private static final String LOW_CONTRAST =
      """
      (() => {
        const rgb = c => c.match(/[\\d.]+/g).map(Number);
        const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
        const behind = e => {
          for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c;
          }
          return [255, 255, 255];
        };
        const low = [];
        for (const e of document.body.querySelectorAll('*')) {
          const own = [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim());
          if (!own || e.closest('.hidden')) continue;
          const style = getComputedStyle(e);
          const a = light(rgb(e.closest('svg') ? style.fill : style.color));
          const b = light(behind(e));
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) low.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 120));
        }
        return low;
      })()""";

  private PageChecks() {}

  static List<String> strings(Browser browser, String expression) {
    List<String> out = new ArrayList<>();
    for (JsonElement element : browser.evaluate(expression).getAsJsonArray()) {
      out.add(element.getAsString());
    }
    return out;
  }

  /** Nothing is asked of the network, and nothing fails or is written to the console. */
  static void assertQuiet(Browser browser, String name) {
    // Everything is opened and scrolled to, so that lazy images are drawn too.
    browser.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')");
    browser.evaluate("window.scrollTo(0, document.body.scrollHeight)");
    for (JsonObject request : browser.events("Network.requestWillBeSent")) {
      String url = request.getAsJsonObject("request").get("url").getAsString();
      assertThat(url).matches("(?s)(file:.*/\\Q" + name + "\\E|data:image/(jpeg|png);base64,.*)");
    }
    assertThat(browser.events("Network.requestWillBeSent")).isNotEmpty();
    for (String kind :
        List.of(
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
            "Network.loadingFailed")) {
      assertThat(browser.events(kind)).as(kind).isEmpty();
    }
  }

  static void assertImagesAreDrawnAndDescribed(Browser browser) {
    browser.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')");
    assertThat(
            strings(
                browser,
                "[...document.images].filter(i => !i.complete || i.naturalWidth == 0"
                    + " || !i.alt.trim()).map(i => i.outerHTML.slice(0, 200))"))
        .isEmpty();
    assertThat(
            strings(
                browser,
                "[...document.querySelectorAll('svg:not([aria-hidden]), [role=img]')]"
                    + ".filter(e => !e.getAttribute('aria-label')).map(e => e.outerHTML)"))
        .isEmpty();
  }

  static void assertNotWiderThan(Browser browser, int width) {
    assertThat(browser.evaluate("document.documentElement.scrollWidth").getAsInt())
        .isLessThanOrEqualTo(width);
    // Tables may be wider: they scroll in their own frame.
    assertThat(
            strings(
                browser,
                "[...document.body.querySelectorAll('*')].filter(e => !e.closest('.scroll *')"
                    + " && !e.closest('.hidden, .skip') && e.getBoundingClientRect().right > "
                    + width
                    + " + 0.5).map(e => e.outerHTML.slice(0, 200))"))
        .isEmpty();
  }

  static void assertContrast(Browser browser) {
    assertThat(strings(browser, LOW_CONTRAST)).isEmpty();
  }
}
