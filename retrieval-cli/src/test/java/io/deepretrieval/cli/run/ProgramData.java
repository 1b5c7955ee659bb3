// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.testkit.PatchBackbone;
import java.util.ArrayList;
import java.util.List;

/** What a program gives to a run. */
final class ProgramData {
  private ProgramData() {}

  static DescriptorExtractor extractor() {
    return DescriptorExtractor.builder(
            PatchBackbone.of(6, 5), GemPooling.fixed(3), new ImageIoDecoder())
        .build();
  }

  /** Notes what it learns. */
  static final class Notes implements RunListener {
    final List<String> steps = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<EvaluationOutcome> outcomes = new ArrayList<>();

    @Override
    public void progress(String step, int done, int total) {
      if (done == total) {
        steps.add(step + " " + total);
      }
    }

    @Override
    public void skipped(ExtractionReport.Failure failure) {
      warnings.add(failure.id());
    }

    @Override
    public void warning(String message) {
      warnings.add(message);
    }

    @Override
    public void evaluated(EvaluationOutcome outcome) {
      outcomes.add(outcome);
    }
  }
}
