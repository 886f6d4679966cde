package dev.meshctl.dataplane.listener;

import dev.meshctl.dataplane.observe.log.CompiledLogs;
import dev.meshctl.dataplane.resilience.ConnectionGate;
import dev.meshctl.dataplane.route.HttpFilters;
import dev.meshctl.model.match.CompiledAccess;
import dev.meshctl.model.match.CompiledAccess.Decision;
import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.model.xds.FilterChain;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Optional;

/**
 * A filter chain with what it needs at run time.
 *
 * @param access asked of each connection
 * @param http asked of each request, where the chain speaks HTTP
 * @param gate that each connection passes, the same over all configurations
 * @param logs of its exchanges or connections
 */
public record CompiledChain(
    FilterChain config,
    Optional<SslContext> tls,
    List<CompiledAccess> access,
    HttpFilters http,
    Optional<ConnectionGate> gate,
    CompiledLogs logs) {
  public CompiledChain {
    access = List.copyOf(access);
  }

  /** All network filters let the connection pass. */
  public boolean admits(ConnectionFacts connection) {
    for (CompiledAccess each : access) {
      if (each.decide(null, connection) instanceof Decision.Denied) {
        return false;
      }
    }
    return true;
  }
}
