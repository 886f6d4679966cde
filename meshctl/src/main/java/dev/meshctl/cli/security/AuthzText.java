package dev.meshctl.cli.security;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.explain.Admittance;
import dev.meshctl.model.explain.Admittance.Looked;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Question;
import dev.meshctl.model.explain.security.Reach;
import dev.meshctl.model.explain.security.Reach.Requests;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Who may ask whom, as people read it. */
final class AuthzText {
  private final Output output;
  private final String client;
  private final String identity;

  AuthzText(Output output, String client, String identity) {
    this.output = output;
    this.client = client;
    this.identity = identity;
  }

  void request(Question question, List<Admittance> answers) {
    output.line(
        "%s is %s, asks %s %s".formatted(client, identity, question.method(), question.path()));
    for (Admittance answer : answers) {
      Style style =
          switch (answer.answer()) {
            case ALLOWED -> Style.GOOD;
            case DENIED, REJECTED -> Style.BAD;
          };
      output.line(
          output.paint(style, answer.answer().name().toLowerCase(Locale.ROOT))
              + " at %s/%s port %d, %s: %s"
                  .formatted(
                      answer.namespace(),
                      answer.workload(),
                      answer.port(),
                      answer.mutual() ? "over mTLS" : "in the clear",
                      answer.reason()));
      answer.looked().forEach(this::looked);
    }
  }

  private void looked(Looked looked) {
    String verdict =
        switch (looked.verdict()) {
          case MATCHED -> output.paint(Style.STRONG, "matches") + ": ";
          case NOT_MATCHED -> "does not match: ";
          case NOT_ASKED -> "not asked" + (looked.why().isEmpty() ? "" : ": ");
        };
    output.line(
        output.paint(Style.NAME, String.format(Locale.ROOT, "  %-6s ", looked.action()))
            + looked.policy()
            + " "
            + verdict
            + looked.why()
            + at(looked.source()));
  }

  void requests(List<Reach> reaches) {
    output.line("%s is %s".formatted(client, identity));
    Table table = Table.of("WORKLOAD", "PORT", "OVER", "MAY", "WHY").right(1).shrinkable(0, 4);
    for (Reach reach : reaches) {
      table.row(
          reach.namespace() + "/" + reach.workload(),
          reach.port(),
          reach.mutual() ? "mTLS" : "plain",
          may(reach),
          reach.reason().isEmpty() ? "by the request:" : reach.reason());
    }
    output.table(table);
    for (Reach reach : reaches) {
      if (reach.may() == Reach.May.DEPENDS) {
        output.line(reach.namespace() + "/" + reach.workload() + " port " + reach.port());
        reach.only().forEach(requests -> line("only", Style.GOOD, requests));
        reach.never().forEach(requests -> line("never", Style.BAD, requests));
      }
    }
  }

  private void line(String word, Style style, Requests requests) {
    output.line(
        output.paint(style, String.format(Locale.ROOT, "  %-6s", word))
            + requests.which()
            + at(requests.source()));
  }

  private static Cell may(Reach reach) {
    return switch (reach.may()) {
      case ALWAYS -> Cell.of(Style.GOOD, "always");
      case DEPENDS -> Cell.of(Style.CAREFUL, "depends");
      case NEVER -> Cell.of(Style.BAD, "never");
    };
  }

  private String at(@Nullable Source source) {
    return source == null ? "" : output.paint(Style.QUIET, "  " + source);
  }
}
