package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.context.MeshReplicas;
import dev.meshctl.cli.context.MeshReplicas.Told;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code meshctl proxy status}: who has taken which configuration. */
@Command(
    name = "status",
    description = {
      "Show which proxies have acknowledged the newest configuration; of one, each resource.",
      "Exit code 1 where one rejected it or is not connected."
    })
public final class ProxyStatusCommand implements Action {
  private static final List<String> TITLES =
      List.of("PROXY", "ROLE", "STATE", "GEN", "CLUSTERS", "ENDPOINTS", "LISTENERS", "ROUTES");
  private static final List<String> TYPES = List.of("CLUSTER", "ENDPOINTS", "LISTENER", "ROUTE");

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PROXY",
      description = "Its name as shown without it; a beginning will do.")
  private @Nullable String proxy;

  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    List<Told> told;
    try (MeshReplicas replicas = mesh.replicas(session)) {
      told = replicas.proxies();
      if (proxy != null) {
        return one(ProxyNames.find(told, proxy), session.output());
      }
    }
    List<ProxyView> proxies = told.stream().map(Told::proxy).toList();
    if (format.format() != Format.text) {
      session.output().value(proxies, format.format());
    } else {
      show(told, session.output());
    }
    return proxies.stream().allMatch(ProxyStatusCommand::isWell) ? ExitCode.OK : ExitCode.FAILED;
  }

  private ExitCode one(Told told, Output output) {
    ProxyView found = told.proxy();
    if (found.state() == ProxyView.State.DISCONNECTED) {
      throw CommandFailure.refused(
          ProxyNames.of(found) + " is not connected",
          List.of(),
          "see `meshctl local status` for what became of it");
    }
    List<ResourceStatus> resources = told.by().client().resources(found.id());
    if (format.format() != Format.text) {
      output.value(resources, format.format());
    } else {
      ResourceTable.show(List.of(new ResourceTable.Of(found, resources)), output);
    }
    return isWell(found) ? ExitCode.OK : ExitCode.FAILED;
  }

  private static boolean isWell(ProxyView proxy) {
    return switch (proxy.state()) {
      case SYNCED, STALE -> true;
      case REJECTED, DISCONNECTED -> false;
    };
  }

  private static void show(List<Told> told, Output output) {
    List<ProxyView> proxies = told.stream().map(Told::proxy).toList();
    if (proxies.isEmpty()) {
      output.note("no proxy is connected");
      return;
    }
    // Of a mesh on this machine one process knows all.
    boolean several = told.stream().anyMatch(each -> !each.by().name().isEmpty());
    List<String> titles = new ArrayList<>(TITLES);
    if (several) {
      titles.add("TOLD BY");
    }
    Table table = Table.of(titles.toArray(String[]::new)).right(3, 4, 5, 6, 7).shrinkable(0);
    for (Told each : told) {
      ProxyView proxy = each.proxy();
      List<Object> cells = new ArrayList<>();
      cells.add(Cell.of(Style.NAME, ProxyNames.of(proxy)));
      cells.add(proxy.role().toLowerCase(Locale.ROOT));
      cells.add(state(proxy.state()));
      cells.add(proxy.generation());
      TYPES.forEach(type -> cells.add(type(proxy, type)));
      if (several) {
        cells.add(each.by().name());
      }
      table.row(cells.toArray());
    }
    output.table(table);
    for (ProxyView proxy : proxies) {
      for (TypeStatus type : proxy.types()) {
        if (!type.error().isEmpty()) {
          output.line("");
          output.line(
              output.paint(Style.BAD, "rejected")
                  + " by "
                  + ProxyNames.of(proxy)
                  + ", "
                  + ResourceTable.type(type.type())
                  + ": "
                  + type.error());
        }
      }
    }
  }

  private static Cell state(ProxyView.State state) {
    return switch (state) {
      case SYNCED -> Cell.of(Style.GOOD, "synced");
      case STALE -> Cell.of(Style.CAREFUL, "stale");
      case REJECTED -> Cell.of(Style.BAD, "rejected");
      case DISCONNECTED -> Cell.of(Style.BAD, "disconnected");
    };
  }

  /** The number of resources; with {@code <-N} while generation N awaits its acknowledgement. */
  private static Cell type(ProxyView proxy, String name) {
    return proxy.types().stream()
        .filter(type -> type.type().equals(name))
        .findFirst()
        .map(type -> {
          String number = Integer.toString(type.resources());
          if (!type.error().isEmpty()) {
            return Cell.of(Style.BAD, number + "!");
          }
          return type.ackedGeneration() < type.sentGeneration()
              ? Cell.of(Style.CAREFUL, number + "<-" + type.sentGeneration())
              : Cell.of(Style.PLAIN, number);
        })
        .orElse(Cell.of(Style.QUIET, "-"));
  }
}
