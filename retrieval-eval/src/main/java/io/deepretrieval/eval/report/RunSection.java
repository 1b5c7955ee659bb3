// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.EvaluationResult;
import java.io.IOException;
import java.util.Map;

/**
 * The recipe, the version and the machine.
 *
 * @param facts what else is to be said of the run
 */
record RunSection(EvaluationResult result, Map<String, String> facts) implements ReportSection {
  @Override
  public void write(HtmlWriter out) throws IOException {
    out.write(
        """
        <section aria-labelledby="recipe">
        <h2 id="recipe">Recipe</h2>
        <dl>
        """);
    writeTerms(out, result.recipe().parts());
    writeTerm(out, "similarity", ReportText.similarity(result.similarity()));
    writeTerm(
        out,
        "re-ranking",
        result.rerankers().isEmpty() ? "none" : String.join(" > ", result.rerankers()));
    writeTerm(out, "fingerprint", result.recipe().fingerprint());
    out.write(
        """
        </dl>
        </section>
        <section aria-labelledby="run">
        <h2 id="run">Run</h2>
        <dl>
        """);
    writeTerms(out, facts);
    writeTerms(out, RunEnvironment.lines());
    writeTerm(out, "seed of the bootstrap", String.valueOf(HeadlineSection.BOOTSTRAP_SEED));
    out.write(
        """
        </dl>
        </section>
        """);
  }

  private static void writeTerms(HtmlWriter out, Map<String, String> terms) throws IOException {
    for (Map.Entry<String, String> term : terms.entrySet()) {
      writeTerm(out, term.getKey(), term.getValue());
    }
  }

  private static void writeTerm(HtmlWriter out, String name, String value) throws IOException {
    out.write("<dt>{}</dt><dd>{}</dd>\n", name, value);
  }
}
