// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.eval.MadeResults;
import io.deepretrieval.eval.TestImages;
import io.deepretrieval.testkit.WrittenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path directory;

  @Test
  void reportsAreWrittenWholeIntoNewDirectories() throws IOException {
    Path json = directory.resolve("a/result.json");
    ResultJson.write(MadeResults.Small.RESULT, json, 3);
    ResultJson.write(MadeResults.Small.RESULT, json, 3);
    WrittenFiles.assertWhole(json);
    Path html = directory.resolve("b/report.html");
    HtmlReport.write(
        MadeResults.Small.RESULT,
        MadeResults.Small.DATA_SET,
        html,
        TestImages.DECODER,
        HtmlReport.Options.builder().build());
    WrittenFiles.assertWhole(html);
  }

  @Test
  void aFailingReportLeavesTheOldOne() throws IOException {
    Path json = Files.writeString(directory.resolve("result.json"), "old");
    assertThatThrownBy(() -> ResultJson.write(MadeResults.Small.RESULT, json, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(json).hasContent("old");
    WrittenFiles.assertWhole(json);
  }
}
