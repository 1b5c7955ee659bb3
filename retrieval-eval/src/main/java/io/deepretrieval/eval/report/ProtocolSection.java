// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.score;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the headline does not show: other protocols, and other metrics than the usual ones. */
record ProtocolSection(EvaluationResult result) implements ReportSection {
  @Override
  public void write(HtmlWriter out) throws IOException {
    List<ProtocolResult> protocols = result.protocols();
    if (protocols.size() == 1 && protocols.get(0).name().equals(Protocol.STANDARD)) {
      return;
    }
    Set<String> names = new LinkedHashSet<>();
    protocols.forEach(protocol -> names.addAll(protocol.scores().keySet()));
    out.write(
        """
        <section aria-labelledby="protocols">
        <h2 id="protocols">Scores by protocol</h2>
        <p class="note">The rest of this page is by the first of them.</p>
        <div class="scroll" role="region" aria-labelledby="protocols" tabindex="0">
        <table class="protocols">
        <thead><tr><th scope="col">Protocol</th>
        """);
    for (String name : names) {
      out.write("<th scope=\"col\" class=\"number\">{}</th>\n", name);
    }
    out.write(
        """
        <th scope="col" class="number">Queries</th>
        <th scope="col" class="number">Without right answer</th></tr></thead>
        <tbody>
        """);
    for (ProtocolResult protocol : protocols) {
      Map<String, Double> scores = protocol.scores();
      out.write("<tr><th scope=\"row\">{}</th>\n", protocol.name());
      for (String name : names) {
        @Nullable Double score = scores.get(name);
        out.write("<td class=\"number\">{}</td>\n", score == null ? "" : score(score));
      }
      out.write(
          "<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
          protocol.queries().size(),
          protocol.skippedQueries().size());
    }
    out.write(
        """
        </tbody>
        </table>
        </div>
        </section>
        """);
  }
}
