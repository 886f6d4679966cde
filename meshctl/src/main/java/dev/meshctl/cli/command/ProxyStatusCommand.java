package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
import dev.meshctl.cli.CommandFailure;
import dev.meshctl.cli.ExitCode;
import dev.meshctl.cli.Session;
import dev.meshctl.cli.render.Format;
import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
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
    List<ProxyView> proxies;
    try (MeshClient client = mesh.client(session)) {
      proxies = client.proxies();
      if (proxy != null) {
        return one(client, ProxyNames.find(proxies, proxy), session.output());
      }
    }
    if (format.format() != Format.text) {
      session.output().value(proxies, format.format());
    } else {
      show(proxies, session.output());
    }
    return proxies.stream().allMatch(ProxyStatusCommand::isWell) ? ExitCode.OK : ExitCode.FAILED;
  }

  private ExitCode one(MeshClient client, ProxyView found, Output output) {
    if (found.state() == ProxyView.State.DISCONNECTED) {
      throw CommandFailure.refused(
          ProxyNames.of(found) + " is not connected",
          List.of(),
          "see `meshctl local status` for what became of it");
    }
    List<ResourceStatus> resources = client.resources(found.id());
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

  private static void show(List<ProxyView> proxies, Output output) {
    if (proxies.isEmpty()) {
      output.note("no proxy is connected");
      return;
    }
    Table table =
        Table.of("PROXY", "ROLE", "STATE", "GEN", "CLUSTERS", "ENDPOINTS", "LISTENERS", "ROUTES")
            .right(3, 4, 5, 6, 7)
            .shrinkable(0);
    for (ProxyView proxy : proxies) {
      Object[] cells = new Object[8];
      cells[0] = Cell.of(Style.NAME, ProxyNames.of(proxy));
      cells[1] = proxy.role().toLowerCase(Locale.ROOT);
      cells[2] = state(proxy.state());
      cells[3] = proxy.generation();
      for (int i = 0; i < TYPES.size(); i++) {
        cells[4 + i] = type(proxy, TYPES.get(i));
      }
      table.row(cells);
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
