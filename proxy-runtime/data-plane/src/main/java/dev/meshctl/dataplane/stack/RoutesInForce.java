package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.route.HttpScope;
import dev.meshctl.dataplane.route.RouteTable;
import dev.meshctl.model.xds.NetworkFilter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The route table of one connection in the configuration in force: one volatile read a request.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class RoutesInForce implements HttpScope.Routes {
  private final Supplier<LiveConfig> live;
  private final String name;
  private LiveConfig seen = LiveConfig.EMPTY;
  private @Nullable RouteTable table;

  RoutesInForce(
      Supplier<LiveConfig> live,
      String listener,
      String chain,
      NetworkFilter.HttpConnection config) {
    this.live = live;
    this.name =
        switch (config.routes()) {
          case NetworkFilter.Routes.Named named -> named.name();
          case NetworkFilter.Routes.Inline inline -> LiveConfig.inlineName(listener, chain);
        };
  }

  @Override
  public @Nullable RouteTable current() {
    LiveConfig now = live.get();
    if (now != seen) {
      seen = now;
      table = now.routes(name);
    }
    return table;
  }
}
