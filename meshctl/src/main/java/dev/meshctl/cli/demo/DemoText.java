package dev.meshctl.cli.demo;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import java.util.List;
import java.util.Locale;

/** A report for people. */
final class DemoText {
  private DemoText() {}

  static void print(DemoReport report, Demo.Options options, Output output) {
    output.line("");
    output.line("The split of reviews, desired and as the sidecars measured it:");
    output.table(phaseTable(report.phases()));
    output.line(
        String.format(
            Locale.ROOT,
            "(bounds: exact binomial, two-sided, %.2f %% for each share)",
            100 * report.confidence()));
    output.line("");
    output.line(
        "Every edge, as the calling side measured it in the last "
            + report.windowSeconds()
            + " s:");
    output.table(edgeTable(report.edges()));
    output.line("");
    output.line(
        String.format(
            Locale.ROOT,
            "First request through the mesh after %.1f s.",
            report.secondsToFirstRequest()));
    String verdict =
        report.requests() + " requests through the gateway, " + report.failed() + " failed.";
    output.line(output.paint(report.failed() == 0 ? Style.GOOD : Style.BAD, verdict));
    report.failures().forEach((what, times) -> output.line("  " + times + " x " + what));
    output.line(
        report.agreed()
            ? output.paint(Style.GOOD, "Every observed share agrees with its weight.")
            : output.paint(Style.BAD, "An observed share does not agree with its weight."));
    if (options.keep()) {
      output.line("");
      output.line("The mesh runs on: try `meshctl graph`, `meshctl local status`,");
      output.line("`meshctl split set reviews v1=50 v3=50`; `meshctl local down` ends it.");
    }
  }

  private static Table phaseTable(List<DemoReport.Phase> phases) {
    Table table =
        Table.of("VERSION", "DESIRED", "OBSERVED", "BOUND", "OF CALLS", "ACKNOWLEDGED", "")
            .right(1, 2, 3, 4, 5);
    for (DemoReport.Phase phase : phases) {
      for (String version : phase.desired().keySet()) {
        double observed = phase.observed().getOrDefault(version, 0.0);
        double least = phase.least().getOrDefault(version, 0.0);
        double most = phase.most().getOrDefault(version, 100.0);
        boolean within = observed >= least - 1e-9 && observed <= most + 1e-9;
        table.row(
            version,
            percent(phase.desired().getOrDefault(version, 0.0)),
            percent(observed),
            percent(least) + " .. " + percent(most),
            phase.requests(),
            String.format(Locale.ROOT, "%.0f ms", 1000 * phase.secondsToAcknowledge()),
            Table.Cell.of(within ? Style.GOOD : Style.BAD, within ? "ok" : "off"));
      }
    }
    return table;
  }

  static Table edgeTable(List<DemoReport.Edge> edges) {
    Table table =
        Table.of(
                "SOURCE",
                "DESTINATION",
                "PROTOCOL",
                "REQUESTS",
                "ERRORS",
                "P50",
                "P90",
                "P99",
                "MTLS")
            .right(3, 4, 5, 6, 7)
            .shrinkable(0, 1);
    for (DemoReport.Edge edge : edges) {
      table.row(
          edge.source(),
          edge.destination(),
          edge.protocol(),
          edge.requests(),
          Table.Cell.of(edge.errors() == 0 ? Style.PLAIN : Style.BAD, Long.toString(edge.errors())),
          millis(edge.p50Ms()),
          millis(edge.p90Ms()),
          millis(edge.p99Ms()),
          edge.mtls() ? "yes" : "no");
    }
    return table;
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f %%", value);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.1f ms", value);
  }
}
