package dev.meshctl.model.explain;

import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The chain of a sidecar by which connections reach a port of its workload.
 *
 * <p>Threads: any; immutable.
 */
public record InboundChain(FilterChain chain) {

  /**
   * @param told what the server's sidecar is told, where connections are redirected to it
   * @param secure the client speaks the mesh's mutual TLS; else it speaks in the clear
   * @return empty where the sidecar takes no such connection
   */
  public static Optional<InboundChain> find(XdsSnapshot told, int port, boolean secure) {
    return told.of(ResourceType.LISTENER).get("virtualInbound") instanceof ListenerConfig listener
        ? chain(listener.chains(), port, secure).map(InboundChain::new)
        : Optional.empty();
  }

  /** True where TLS that is not the mesh's reaches the application at a port. */
  public static boolean passesTls(XdsSnapshot told, int port) {
    return told.of(ResourceType.LISTENER).get("virtualInbound") instanceof ListenerConfig listener
        && ofPort(listener.chains(), port).stream()
            .anyMatch(chain ->
                switch (chain.match().transport()) {
                  case ANY -> true;
                  case RAW -> false;
                  case TLS -> chain.tls().isEmpty();
                });
  }

  /** What is asked of connections and then of requests, in this order. */
  public List<AccessControl> controls() {
    List<AccessControl> controls = new ArrayList<>(chain.access());
    if (chain.filter() instanceof NetworkFilter.HttpConnection http) {
      for (HttpFilter filter : http.filters()) {
        if (filter instanceof HttpFilter.Access(var name, var control)) {
          controls.add(control);
        }
      }
    }
    return controls;
  }

  /** Requests are told apart. */
  public boolean isHttp() {
    return chain.filter() instanceof NetworkFilter.HttpConnection;
  }

  /** The port's own chains come before those of all ports, and a client of ours offers our ALPN. */
  private static Optional<FilterChain> chain(List<FilterChain> chains, int port, boolean secure) {
    return ofPort(chains, port).stream().filter(chain -> takes(chain, secure)).findFirst();
  }

  private static List<FilterChain> ofPort(List<FilterChain> chains, int port) {
    for (int wanted : new int[] {port, 0}) {
      List<FilterChain> ofPort =
          chains.stream().filter(chain -> chain.match().destinationPort() == wanted).toList();
      if (!ofPort.isEmpty()) {
        return ofPort;
      }
    }
    return List.of();
  }

  private static boolean takes(FilterChain chain, boolean secure) {
    return switch (chain.match().transport()) {
      case ANY -> !secure;
      case RAW -> !secure;
      case TLS -> secure && chain.tls().isPresent();
    };
  }
}
