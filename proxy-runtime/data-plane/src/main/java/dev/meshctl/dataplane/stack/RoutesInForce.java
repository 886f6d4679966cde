package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.listener.CompiledChain;
import dev.meshctl.dataplane.listener.CompiledListener;
import dev.meshctl.dataplane.live.LiveConfig;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.route.HttpFilters;
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
  private final String listener;
  private final String chain;
  private LiveConfig seen = LiveConfig.EMPTY;
  private HttpFilters filters;
  private CompiledLogs logs;
  private @Nullable RouteTable table;

  RoutesInForce(
      Supplier<LiveConfig> live,
      String listener,
      CompiledChain chain,
      NetworkFilter.HttpConnection config) {
    this.live = live;
    this.listener = listener;
    this.chain = chain.config().name();
    this.filters = chain.http();
    this.logs = chain.logs();
    this.name =
        switch (config.routes()) {
          case NetworkFilter.Routes.Named named -> named.name();
          case NetworkFilter.Routes.Inline inline ->
              LiveConfig.inlineName(listener, chain.config().name());
        };
  }

  @Override
  public @Nullable RouteTable current() {
    LiveConfig now = live.get();
    if (now != seen) {
      seen = now;
      table = now.routes(name);
      CompiledListener of = now.listener(listener);
      CompiledChain still = of == null ? null : of.chains().byName(chain);
      // A chain that is no more keeps its last rules: its connections are being drained.
      filters = still == null ? filters : still.http();
      logs = still == null ? logs : still.logs();
    }
    return table;
  }

  @Override
  public HttpFilters filters() {
    return filters;
  }

  @Override
  public CompiledLogs logs() {
    return logs;
  }
}
