package dev.meshctl.model.xds;

import java.util.List;
import java.util.Optional;

/**
 * {@code envoy.config.listener.v3.FilterChain}: a match, TLS towards the client, one filter.
 *
 * @param access {@code envoy.filters.network.rbac} filters before it: a connection that one of them
 *     denies is closed
 * @param limit of connections through it at a time, before all else
 */
public record FilterChain(
    String name,
    ChainMatch match,
    Optional<DownstreamTls> tls,
    List<AccessControl> access,
    NetworkFilter filter,
    Optional<ConnectionLimit> limit) {
  public FilterChain {
    access = List.copyOf(access);
  }

  /** For any number of connections. */
  public FilterChain(
      String name,
      ChainMatch match,
      Optional<DownstreamTls> tls,
      List<AccessControl> access,
      NetworkFilter filter) {
    this(name, match, tls, access, filter, Optional.empty());
  }

  /** The same with another filter and other rules before it. */
  public FilterChain with(List<AccessControl> otherAccess, NetworkFilter otherFilter) {
    return new FilterChain(name, match, tls, otherAccess, otherFilter, limit);
  }

  /** For everybody. */
  public FilterChain(
      String name, ChainMatch match, Optional<DownstreamTls> tls, NetworkFilter filter) {
    this(name, match, tls, List.of(), filter);
  }

  /**
   * {@code FilterChainMatch}; empty lists and port 0 match anything. Precedence is Envoy's:
   * destination port, destination prefix, server name, transport protocol, application protocol,
   * source prefix.
   *
   * @param serverNames exact, or suffix with a leading {@code *.}
   * @param applicationProtocols ALPN of a TLS client, or {@code http/1.1} and {@code h2c} as
   *     detected
   * @param sourcePrefixes where the client is from
   */
  public record ChainMatch(
      int destinationPort,
      List<Cidr> destinationPrefixes,
      List<String> serverNames,
      Transport transport,
      List<String> applicationProtocols,
      List<Cidr> sourcePrefixes) {
    public static final ChainMatch ANY =
        new ChainMatch(0, List.of(), List.of(), Transport.ANY, List.of());

    public ChainMatch {
      destinationPrefixes = List.copyOf(destinationPrefixes);
      serverNames = List.copyOf(serverNames);
      applicationProtocols = List.copyOf(applicationProtocols);
      sourcePrefixes = List.copyOf(sourcePrefixes);
    }

    /** Wherever the client is from. */
    public ChainMatch(
        int destinationPort,
        List<Cidr> destinationPrefixes,
        List<String> serverNames,
        Transport transport,
        List<String> applicationProtocols) {
      this(
          destinationPort,
          destinationPrefixes,
          serverNames,
          transport,
          applicationProtocols,
          List.of());
    }

    /** Whoever is from one of these. */
    public static ChainMatch from(List<Cidr> sources) {
      return new ChainMatch(0, List.of(), List.of(), Transport.ANY, List.of(), sources);
    }
  }

  /** {@code transport_protocol}: empty, {@code raw_buffer}, {@code tls}. */
  public enum Transport {
    ANY,
    RAW,
    TLS
  }

  /** An address prefix. */
  public record Cidr(String address, int prefixLength) {}
}
