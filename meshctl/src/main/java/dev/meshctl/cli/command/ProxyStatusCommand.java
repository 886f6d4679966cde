package dev.meshctl.cli.command;

import dev.meshctl.cli.Action;
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
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meshctl proxy status}: who has taken which configuration. */
@Command(
    name = "status",
    description = {
      "Show which proxies have acknowledged the newest configuration.",
      "Exit code 1 where one rejected it or is not connected."
    })
public final class ProxyStatusCommand implements Action {
  private static final List<String> TYPES = List.of("CLUSTER", "ENDPOINTS", "LISTENER", "ROUTE");

  @Mixin private MeshOption mesh = new MeshOption();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  public ExitCode run(Session session) {
    List<ProxyView> proxies;
    try (MeshClient client = mesh.client(session)) {
      proxies = client.proxies();
    }
    if (format.format() != Format.text) {
      session.output().value(proxies, format.format());
    } else {
      show(proxies, session.output());
    }
    boolean well =
        proxies.stream()
            .allMatch(proxy ->
                switch (proxy.state()) {
                  case SYNCED, STALE -> true;
                  case REJECTED, DISCONNECTED -> false;
                });
    return well ? ExitCode.OK : ExitCode.FAILED;
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
                  + type.type().toLowerCase(Locale.ROOT)
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
