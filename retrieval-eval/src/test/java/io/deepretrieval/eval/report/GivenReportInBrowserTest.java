// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report of a real run in headless Chromium: {@code -Dreport=FILE.html}. */
final class GivenReportInBrowserTest {
  private static final long LARGEST = 10_000_000;
  private static final String FILE = System.getProperty("report", "");

  @Test
  void opensWithoutANetworkAndReadsWell(@TempDir Path temporary) throws Exception {
    assumeTrue(!FILE.isEmpty(), "skipped: no report is given by -Dreport=FILE.html");
    Path page = Path.of(FILE).toAbsolutePath();
    assertThat(Files.size(page)).isBetween(100_000L, LARGEST);
    try (Browser browser = Browser.open(temporary)) {
      browser.screen(1200, 900, false);
      browser.scheme("light");
      browser.load(page);
      assertThat(browser.evaluate("document.images.length").getAsInt()).isGreaterThan(50);
      PageChecks.assertImagesAreDrawnAndDescribed(browser);
      for (int width : new int[] {360, 768, 1200}) {
        browser.screen(width, 740, width < 700);
        PageChecks.assertNotWiderThan(browser, width);
      }
      for (String scheme : List.of("light", "dark")) {
        browser.scheme(scheme);
        PageChecks.assertContrast(browser);
        browser.screen(1200, 1800, false);
        browser.screenshot(Path.of("target", "report", "given-" + scheme + ".png"));
      }
      PageChecks.assertQuiet(browser, String.valueOf(page.getFileName()));
    }
  }
}
