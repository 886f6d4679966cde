package dev.meshctl.model.compare;

import dev.meshctl.model.explain.InboundChain;
import dev.meshctl.model.xds.AccessControl;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.NetworkFilter.HttpFilter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a listener makes of connections before requests are told apart. */
final class ListenerFates {
  private ListenerFates() {}

  /**
   * By which connections are meant: {@code TLS to NAME}, {@code any connection}.
   *
   * @param targets what clusters mean
   */
  static Map<String, Fate> of(ListenerConfig listener, Targets targets) {
    Map<String, Fate> fates = new LinkedHashMap<>();
    for (FilterChain chain : listener.chains()) {
      for (String kind : kinds(chain.match())) {
        fates.putIfAbsent(kind, of(chain, targets));
      }
    }
    listener.defaultChain().ifPresent(chain -> fates.put("any other", of(chain, targets)));
    return fates;
  }

  private static List<String> kinds(FilterChain.ChainMatch match) {
    if (!match.serverNames().isEmpty()) {
      return match.serverNames().stream().map(name -> "TLS to " + name).toList();
    }
    if (!match.applicationProtocols().isEmpty()) {
      return List.of("HTTP");
    }
    return List.of(
        switch (match.transport()) {
          case ANY -> "any";
          case RAW -> "in the clear";
          case TLS -> "TLS";
        });
  }

  private static Fate of(FilterChain chain, Targets targets) {
    Map<String, String> traits = new LinkedHashMap<>();
    chain.tls().ifPresent(tls -> traits.put("tls of the client", tls.toString()));
    switch (chain.filter()) {
      case NetworkFilter.TcpProxy tcp -> {
        traits.put("as", "connections");
        targets.describe(tcp.clusters(), traits);
        traits.put("idle timeout", tcp.idleTimeout().toString());
      }
      case NetworkFilter.HttpConnection http -> {
        traits.put("as", "HTTP");
        traits.put("settings of HTTP", settings(http).toString());
      }
    }
    return new Fate(traits, Map.of(), Optional.empty());
  }

  /** Without names, routes and rules of access, which are compared by themselves. */
  private static NetworkFilter settings(NetworkFilter.HttpConnection http) {
    List<HttpFilter> filters = new ArrayList<>(http.filters());
    filters.removeIf(HttpFilter.Access.class::isInstance);
    return new NetworkFilter.HttpConnection(
        "",
        http.codec(),
        new NetworkFilter.Routes.Named(""),
        filters,
        http.streamIdleTimeout(),
        http.requestTimeout(),
        http.idleTimeout(),
        http.accessLog(),
        http.forwardClientCert(),
        http.maxStreamDuration(),
        http.maxConnectionDuration(),
        http.options());
  }

  /** The chain that tells requests apart; empty where none does. */
  static Optional<FilterChain> http(ListenerConfig listener) {
    return listener.chains().stream()
        .filter(chain -> chain.filter() instanceof NetworkFilter.HttpConnection)
        .findFirst();
  }

  /** What is asked first; of requests where there are some. */
  static List<AccessControl> controls(ListenerConfig listener) {
    return http(listener)
        .or(() -> listener.chains().stream().findFirst())
        .or(listener::defaultChain)
        .map(chain -> new InboundChain(chain).controls())
        .orElse(List.of());
  }
}
