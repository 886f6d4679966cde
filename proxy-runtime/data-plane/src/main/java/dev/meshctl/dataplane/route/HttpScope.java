package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter.ForwardClientCert;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all exchanges of one connection have in common.
 *
 * @param listener its name
 * @param facts of the connection and of who tells of its client, for access rules
 * @param ownUri our SPIFFE ID, empty where we have none
 * @param layers the stack of the role
 * @param routes the table in force, asked at the start of each exchange
 * @param counters of the connection manager's {@code stat_prefix}, on the loop of the connection
 * @param maxStreamNanos the longest life of an exchange, 0 is off
 */
public record HttpScope(
    String listener,
    Direction direction,
    ConnectionFacts facts,
    ForwardClientCert forwardClientCert,
    String ownUri,
    List<RequestLayer> layers,
    Routes routes,
    LoopCounters counters,
    long maxStreamNanos,
    HttpOptions options) {
  public HttpScope {
    layers = List.copyOf(layers);
  }

  /** The listener in force bridges gRPC-Web. */
  boolean understandsGrpcWeb() {
    // Asked for the filters' sake, see Routes.
    RouteTable unused = routes.current();
    return routes.filters().bridgeGrpcWeb();
  }

  /** Reads the configuration in force. */
  public interface Routes {
    /** Null where the configuration has no such table (any more). */
    @Nullable RouteTable current();

    /** Those of the configuration that {@link #current} has last read. */
    HttpFilters filters();

    /** As {@link #filters}. */
    CompiledLogs logs();
  }
}
