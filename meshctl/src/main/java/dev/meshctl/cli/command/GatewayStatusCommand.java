package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.status.Condition;
import dev.meshctl.model.status.GatewayApiStatus;
import dev.meshctl.model.status.ObjectStatus;
import dev.meshctl.model.status.ObjectStatus.OfGateway;
import dev.meshctl.model.status.ObjectStatus.OfListener;
import dev.meshctl.model.status.ObjectStatus.Said;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl gateway status}. */
@Command(
    name = "status",
    description = {
      "Show the conditions of the Gateway API's objects: whether Gateways, listeners, routes and"
          + " backend policies are in force, and why not.",
      "Exit code 1 where something is not. With -o yaml, the objects with their status."
    },
    footer = {"", "  meshctl gateway status -f shop/"})
public final class GatewayStatusCommand implements Action {
  private static final List<String> COLUMNS = List.of("Accepted", "ResolvedRefs", "Programmed");
  private static final String NOTHING_SAID = "-";

  @Mixin private FolderOption where = new FolderOption();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) throws IOException {
    List<ObjectStatus> statuses = GatewayApiStatus.of(where.configured(session));
    if (format.format() == Format.text) {
      show(statuses, session.output());
    } else {
      session.output().value(statuses.stream().map(ObjectStatus::object).toList(), format.format());
    }
    return statuses.stream().flatMap(status -> status.said().stream()).allMatch(Said::isWell)
        ? ExitCode.OK
        : ExitCode.FAILED;
  }

  private static void show(List<ObjectStatus> statuses, Output output) {
    if (statuses.isEmpty()) {
      output.note("nothing of the Gateway API is ours here");
      return;
    }
    Table table =
        Table.of("OBJECT", "PART", "ROUTES", "ACCEPTED", "RESOLVED", "PROGRAMMED")
            .right(2)
            .shrinkable(0, 1);
    for (ObjectStatus status : statuses) {
      Set<String> parts = new LinkedHashSet<>();
      status.said().forEach(said -> parts.add(said.part()));
      String name = name(status);
      for (String part : parts) {
        table.row(
            name,
            part,
            routes(status, part),
            cell(status, part, COLUMNS.get(0)),
            cell(status, part, COLUMNS.get(1)),
            cell(status, part, COLUMNS.get(2)));
        name = "";
      }
    }
    output.table(table);
    statuses.forEach(status ->
        status.said().stream()
            .filter(said -> !said.isWell())
            .filter(said -> !said.condition().type().equals("Programmed"))
            .forEach(said -> output.line(problem(status, said, output))));
  }

  private static String problem(ObjectStatus status, Said said, Output output) {
    Condition condition = said.condition();
    String subject = said.part().isEmpty() ? name(status) : name(status) + " " + said.part();
    return output.paint(Style.BAD, condition.reason()) + " " + subject + ": " + condition.message();
  }

  private static String name(ObjectStatus status) {
    String namespace = status.metadata().namespace();
    String name = status.metadata().name();
    return status.kind() + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
  }

  private static String routes(ObjectStatus status, String part) {
    return status instanceof OfGateway gateway
        ? gateway.listeners().stream()
            .filter(listener -> listener.name().equals(part))
            .findFirst()
            .map(OfListener::attachedRoutes)
            .map(String::valueOf)
            .orElse("")
        : "";
  }

  private static Cell cell(ObjectStatus status, String part, String type) {
    Optional<Condition> found =
        status.said().stream()
            .filter(said -> said.part().equals(part) && said.condition().type().equals(type))
            .map(Said::condition)
            .findFirst();
    return found
        .map(c -> c.holds() ? Cell.of(Style.GOOD, "yes") : Cell.of(Style.BAD, "no"))
        .orElse(Cell.of(Style.QUIET, NOTHING_SAID));
  }
}
