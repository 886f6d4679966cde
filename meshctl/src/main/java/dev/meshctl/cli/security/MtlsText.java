package dev.meshctl.cli.security;

import dev.meshctl.cli.command.Plural;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.security.MutualTls;
import dev.meshctl.model.explain.security.MutualTls.Client;
import dev.meshctl.model.explain.security.MutualTls.Observed;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Mutual TLS as people read it: a line for each answer, then what does not fit, and why. */
final class MtlsText {
  private final Output output;

  MtlsText(Output output) {
    this.output = output;
  }

  void show(List<MutualTls> all) {
    if (all.isEmpty()) {
      output.note("no workload is there");
      return;
    }
    boolean measured = all.stream().anyMatch(each -> each.observed() != null);
    Table table =
        measured
            ? Table.of("WORKLOAD", "PORTS", "TAKES", "DECIDED BY", "CLIENTS", "FITS", "OVER MTLS")
            : Table.of("WORKLOAD", "PORTS", "TAKES", "DECIDED BY", "CLIENTS", "FITS");
    table.shrinkable(0, 3, 4);
    String before = "";
    for (MutualTls each : all) {
      String name = each.namespace() + "/" + each.workload();
      Object[] cells = {
        name.equals(before) ? "" : name,
        ports(each),
        takes(each),
        decided(each),
        clients(each),
        fits(each),
        name.equals(before) ? "" : over(each.observed())
      };
      table.row(measured ? cells : List.of(cells).subList(0, cells.length - 1).toArray());
      before = name;
    }
    output.table(table);
    all.forEach(this::problems);
    notes(all);
  }

  private static String ports(MutualTls each) {
    return each.ports().isEmpty()
        ? "all"
        : each.ports().stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static Cell takes(MutualTls each) {
    if (!each.sidecar()) {
      return Cell.of(Style.CAREFUL, "no sidecar");
    }
    Style style =
        switch (each.mode()) {
          case STRICT -> Style.GOOD;
          case PERMISSIVE, UNSET -> Style.PLAIN;
          case DISABLE -> Style.CAREFUL;
        };
    return Cell.of(style, each.mode().name());
  }

  private static Cell decided(MutualTls each) {
    Source source = each.source();
    return Cell.of(
        Style.QUIET, source != null ? source.toString() : each.sidecar() ? "default" : "-");
  }

  private static String clients(MutualTls each) {
    return each.clients().isEmpty()
        ? "-"
        : each.clients().stream()
            .map(client ->
                client.mode()
                    + (client.subset().isEmpty() ? "" : " of subset " + client.subset())
                    + (client.mode().equals("auto") ? client.mutual() ? ": mTLS" : ": plain" : ""))
            .distinct()
            .collect(Collectors.joining("; "));
  }

  private static Cell fits(MutualTls each) {
    if (each.clients().isEmpty()) {
      return Cell.of(Style.QUIET, "-");
    }
    return each.fits() ? Cell.of(Style.GOOD, "yes") : Cell.of(Style.BAD, "NO");
  }

  private static Cell over(@Nullable Observed observed) {
    if (observed == null || observed.requests() == 0) {
      return Cell.of(Style.QUIET, "no requests");
    }
    boolean all = observed.mutual() == observed.requests();
    return Cell.of(
        all ? Style.GOOD : Style.CAREFUL, observed.mutual() + " of " + observed.requests());
  }

  private void problems(MutualTls each) {
    for (Client client : each.clients()) {
      if (!client.fits()) {
        Source source = client.source();
        output.line(
            output.paint(Style.BAD, "NO")
                + " %s/%s port %s: %s by %s: %s%s"
                    .formatted(
                        each.namespace(),
                        each.workload(),
                        ports(each),
                        client.mode(),
                        String.join(", ", client.who()),
                        client.problem(),
                        source == null ? "" : output.paint(Style.QUIET, "  " + source)));
      }
    }
  }

  private void notes(List<MutualTls> all) {
    long without = all.stream().filter(each -> !each.sidecar()).count();
    boolean strict = all.stream().anyMatch(each -> each.mode() == Mode.STRICT);
    if (without > 0 && strict) {
      output.note(
          Plural.of(without, "workload") + " without a sidecar: STRICT ports refuse what they ask");
    }
  }
}
