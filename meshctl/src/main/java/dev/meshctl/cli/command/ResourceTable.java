package dev.meshctl.cli.command;

import dev.meshctl.cli.render.Output;
import dev.meshctl.cli.render.Style;
import dev.meshctl.cli.render.Table;
import dev.meshctl.cli.render.Table.Cell;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import java.util.List;
import java.util.Locale;

/** How far proxies followed, a line a resource; why they refused one, below. */
final class ResourceTable {
  /** Enough to tell the versions of one resource apart. */
  private static final int VERSION_CHARS = 8;

  private ResourceTable() {}

  /** Resources of one proxy. */
  record Of(ProxyView proxy, List<ResourceStatus> resources) {}

  static void show(List<Of> all, Output output) {
    Table table =
        Table.of("PROXY", "TYPE", "RESOURCE", "STATE", "WANTED", "SENT", "ACKED", "TOOK")
            .right(7)
            .shrinkable(0, 2);
    for (Of each : all) {
      for (ResourceStatus resource : each.resources) {
        table.row(
            Cell.of(Style.NAME, ProxyNames.of(each.proxy)),
            type(resource.type()),
            resource.name(),
            state(resource.state()),
            version(resource.wanted()),
            version(resource.sent()),
            version(resource.acked()),
            took(each.proxy, resource.type()));
      }
    }
    output.table(table);
    for (Of each : all) {
      for (ResourceStatus resource : each.resources) {
        if (resource.state() == ResourceStatus.State.REFUSED) {
          output.line("");
          output.line(
              output.paint(Style.BAD, "refused")
                  + " by "
                  + ProxyNames.of(each.proxy)
                  + ", "
                  + type(resource.type())
                  + " "
                  + resource.name()
                  + ": "
                  + resource.reason());
        }
      }
    }
  }

  static String type(String type) {
    return type.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Of the last response of the type that was answered. */
  private static String took(ProxyView proxy, String type) {
    return proxy.types().stream()
        .filter(each -> each.type().equals(type))
        .mapToLong(TypeStatus::tookMillis)
        .mapToObj(ResourceTable::millis)
        .findFirst()
        .orElse("-");
  }

  static String millis(long millis) {
    return millis < 0 ? "-" : millis + " ms";
  }

  private static Cell version(String version) {
    return version.isEmpty()
        ? Cell.of(Style.QUIET, "-")
        : Cell.of(Style.PLAIN, version.substring(0, Math.min(VERSION_CHARS, version.length())));
  }

  private static Cell state(ResourceStatus.State state) {
    String word = state.name().toLowerCase(Locale.ROOT);
    return switch (state) {
      case SYNCED -> Cell.of(Style.GOOD, word);
      case SENT, WAITING, LEAVING -> Cell.of(Style.CAREFUL, word);
      case REFUSED -> Cell.of(Style.BAD, word);
    };
  }
}
