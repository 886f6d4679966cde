package dev.meshctl.cli.explain;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.explain.Explanation;
import dev.meshctl.model.explain.hindsight.Entry;
import dev.meshctl.model.explain.hindsight.Hindsight;
import dev.meshctl.model.explain.hindsight.Hindsight.Difference;
import dev.meshctl.model.explain.hindsight.Hop;
import dev.meshctl.model.explain.hindsight.LoggedRequest;
import dev.meshctl.model.explain.hindsight.Meaning;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Requests that have been, as people read them. */
final class HindsightText {
  private static final int FAILED = 400;

  private final Output output;
  private final UnaryOperator<String> names;

  /**
   * @param names of replicas by their addresses; empty for others
   */
  HindsightText(Output output, UnaryOperator<String> names) {
    this.output = output;
    this.names = names;
  }

  /** A line for each that logged it. */
  void way(List<Hop> hops) {
    Table table =
        Table.of("TIME", "AT", "SIDE", "REQUEST", "ANSWER", "MS", "WENT TO")
            .right(5)
            .shrinkable(3, 6);
    for (Hop hop : hops) {
      row(table, hop.first());
      hop.servers().forEach(server -> row(table, server));
    }
    output.table(table);
  }

  private void row(Table table, Entry entry) {
    LoggedRequest logged = entry.logged();
    table.row(
        logged.start().map(start -> start.toString().replaceFirst(".*T", "")).orElse("-"),
        Cell.of(Style.NAME, entry.who()),
        entry.side().word(),
        request(logged),
        Cell.of(style(logged), answer(logged)),
        logged.durationMillis() < 0 ? "-" : logged.durationMillis(),
        went(entry));
  }

  /**
   * One in full.
   *
   * @param times that the like of it was logged; 0 where it was not counted
   */
  void whole(Hindsight past, long times, Optional<ProxyStanding> standing) {
    LoggedRequest logged = past.logged();
    output.line(
        output.paint(style(logged), answer(logged))
            + " "
            + request(logged)
            + (times > 1 ? output.paint(Style.STRONG, "  " + times + " times, the last:") : ""));
    line("logged", logged(past));
    happened(logged, past.meanings());
    line("went to", went(past));
    for (Hindsight.Seen server : past.servers()) {
      line(
          "server",
          "%s logged %s%s"
              .formatted(
                  server.at().isEmpty() ? "it" : server.at(),
                  answer(server.logged()),
                  server.logged().durationMillis() < 0
                      ? ""
                      : " after " + server.logged().durationMillis() + " ms"));
      if (server.logged().failed()) {
        happened(server.logged(), server.meanings());
      }
    }
    standing.ifPresent(now -> standing(now, logged.route().cluster()));
    Explanation now = past.now();
    if (now == null) {
      line("now", "not explained: " + past.unexplained());
      past.reasons().forEach(reason -> line("", reason));
      return;
    }
    differences(past);
    output.line("now " + ExplanationText.heading(now, output));
    ExplanationText.steps(now, output);
  }

  /** One in a line. */
  static String line(Hop hop, long times) {
    LoggedRequest logged = hop.first().logged();
    return "%d x %s %s, %s %s"
        .formatted(
            times, answer(logged), request(logged), hop.first().who(), hop.first().side().word());
  }

  private void line(String label, String text) {
    output.line(ExplanationText.label(label, output) + text);
  }

  private static String logged(Hindsight past) {
    LoggedRequest logged = past.logged();
    return "%s%s%s%s"
        .formatted(
            past.at().isEmpty() ? "by a proxy " : "by " + past.at() + ", ",
            past.side().word(),
            logged.start().map(start -> ", at " + start).orElse(""),
            logged.requestId().isEmpty() ? "" : ", id " + logged.requestId());
  }

  private void happened(LoggedRequest logged, List<Meaning> meanings) {
    for (Meaning meaning : meanings) {
      boolean flag = logged.flags().contains(meaning.code());
      line(flag ? meaning.code() : "details", meaning.words());
      if (!meaning.look().isEmpty()) {
        line("", output.paint(Style.QUIET, meaning.look()));
      }
    }
    if (!logged.transportFailure().isEmpty()) {
      line("transport", logged.transportFailure());
    }
    if (!logged.terminationDetails().isEmpty()) {
      line("ended by", logged.terminationDetails());
    }
  }

  private static String went(Hindsight past) {
    LoggedRequest logged = past.logged();
    LoggedRequest.Route route = logged.route();
    if (route.cluster().isEmpty() && route.endpoint().isEmpty()) {
      return "nobody: it ended at this proxy";
    }
    return (route.cluster().isEmpty() ? "" : route.cluster())
        + (route.endpoint().isEmpty()
            ? ", no endpoint"
            : (past.side() == Entry.Side.CALLED ? ", its own process at " : ", endpoint ")
                + (past.endpoint().isEmpty() ? "" : past.endpoint() + " at ")
                + route.endpoint())
        + (route.name().isEmpty() || past.side() == Entry.Side.CALLED
            ? ""
            : ", by route " + route.name());
  }

  private void standing(ProxyStanding now, String cluster) {
    line("proxy", "of " + now.proxy() + ": " + now.state());
    now.refused().forEach(refused -> line("", output.paint(Style.BAD, "refused ") + refused));
    now.unfit().stream()
        .filter(host -> host.cluster().equals(cluster))
        .forEach(host ->
            line(
                "",
                output.paint(Style.CAREFUL, "leaves out ") + host.address() + ": " + host.why()));
    if (!now.unknown().isEmpty()) {
      line("", "its endpoints are not known: " + now.unknown());
    }
  }

  private void differences(Hindsight past) {
    for (Difference difference : past.differences()) {
      line(
          "differs",
          output.paint(Style.CAREFUL, difference.what())
              + " was "
              + difference.then()
              + ", now "
              + difference.now());
    }
    boolean differs = !past.differences().isEmpty();
    past.reasons().forEach(reason -> line(differs ? "perhaps" : "note", reason));
  }

  private static String request(LoggedRequest logged) {
    return logged.overHttp()
        ? logged.method() + " " + logged.authority() + logged.path()
        : "connection";
  }

  static String answer(LoggedRequest logged) {
    String flags = String.join(",", logged.flags());
    if (!logged.overHttp()) {
      return flags.isEmpty() ? "ended" : flags;
    }
    return (logged.status() == 0 ? "no answer" : Integer.toString(logged.status()))
        + (flags.isEmpty() ? "" : " " + flags);
  }

  private String went(Entry entry) {
    LoggedRequest.Route route = entry.logged().route();
    if (route.endpoint().isEmpty()) {
      return route.cluster().isEmpty() ? "-" : route.cluster();
    }
    String name = names.apply(route.endpoint());
    return entry.side() == Entry.Side.CALLED
        ? "its own process"
        : name.isEmpty() ? route.endpoint() : name;
  }

  private static Style style(LoggedRequest logged) {
    return logged.failed() ? Style.BAD : logged.status() >= FAILED ? Style.CAREFUL : Style.GOOD;
  }
}
