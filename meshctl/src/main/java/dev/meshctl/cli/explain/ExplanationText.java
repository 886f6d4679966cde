package dev.meshctl.cli.explain;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.Explanation.Outcome;
import java.util.Locale;

/** An explanation as people read it: the outcome, then a line for each decision. */
final class ExplanationText {
  private ExplanationText() {}

  static void show(Explanation explanation, Output output) {
    output.line(heading(explanation, output));
    steps(explanation, output);
  }

  static void steps(Explanation explanation, Output output) {
    String before = "";
    for (Explanation.Step step : explanation.steps()) {
      String layer = step.layer().equals(before) ? "" : step.layer();
      before = step.layer();
      Explanation.Source source = step.source();
      output.line(
          label(layer, output)
              + step.decision()
              + (source == null ? "" : output.paint(Style.QUIET, "  " + source)));
    }
  }

  /** Two columns in, and as wide as the widest. */
  static String label(String word, Output output) {
    return output.paint(Style.NAME, String.format(Locale.ROOT, "  %-10s", word));
  }

  static String heading(Explanation explanation, Output output) {
    Outcome outcome = explanation.outcome();
    Style style =
        switch (outcome) {
          case ROUTED -> Style.GOOD;
          case REDIRECTED, DIRECT_RESPONSE -> Style.STRONG;
          case NO_ROUTE -> Style.CAREFUL;
          case DENIED, REJECTED -> Style.BAD;
        };
    String where =
        explanation.service().isEmpty()
            ? ""
            : " "
                + explanation.service()
                + (explanation.subset().isEmpty() ? "" : ", subset " + explanation.subset());
    String answer =
        switch (outcome) {
          case REDIRECTED -> " " + explanation.status() + " to " + explanation.location();
          case DIRECT_RESPONSE -> " " + explanation.status();
          case ROUTED, NO_ROUTE, DENIED, REJECTED -> "";
        };
    return output.paint(style, outcome.word()) + where + answer;
  }
}
