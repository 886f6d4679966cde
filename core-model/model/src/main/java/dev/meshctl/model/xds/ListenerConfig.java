package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * {@code envoy.config.listener.v3.Listener}.
 *
 * @param address {@link SocketEndpoint#NONE} for an {@code api_listener}: nobody listens, its first
 *     chain is for clients that are no proxies
 * @param bindToPort false: no socket; connections reach it from a listener with {@code
 *     useOriginalDestination} whose original destination equals {@code address}
 * @param useOriginalDestination hand a connection to the listener of its original destination
 * @param detectProtocol inspect first bytes (TLS ClientHello, HTTP) before choosing a chain, for at
 *     most {@code detectTimeout}; zero means without limit. After it the connection goes on as
 *     plain bytes (server-first protocols).
 * @param chains tried by the most specific match; none matching falls to {@code defaultChain}, else
 *     the connection is closed
 * @param bufferBytes written and not yet sent to a client, above which we stop reading from the
 *     other side: {@code per_connection_buffer_limit_bytes}, 0 is the default of 256 KiB
 * @param proxyProtocol expected before everything else, within {@code detectTimeout}
 * @param closesUndetected without {@code continue_on_listener_filters_timeout}: a connection that
 *     is still silent after {@code detectTimeout} is closed, instead of going on as it is
 * @param accessLog a line for each connection, when it ends
 */
public record ListenerConfig(
    String name,
    Direction direction,
    SocketEndpoint address,
    boolean bindToPort,
    boolean useOriginalDestination,
    boolean detectProtocol,
    Duration detectTimeout,
    List<FilterChain> chains,
    Optional<FilterChain> defaultChain,
    int bufferBytes,
    Optional<ProxyProtocol> proxyProtocol,
    boolean closesUndetected,
    List<AccessLog> accessLog)
    implements XdsResource {
  public ListenerConfig {
    chains = List.copyOf(chains);
    accessLog = List.copyOf(accessLog);
  }

  public ListenerConfig(
      String name,
      Direction direction,
      SocketEndpoint address,
      boolean bindToPort,
      boolean useOriginalDestination,
      boolean detectProtocol,
      Duration detectTimeout,
      List<FilterChain> chains,
      Optional<FilterChain> defaultChain) {
    this(
        name,
        direction,
        address,
        bindToPort,
        useOriginalDestination,
        detectProtocol,
        detectTimeout,
        chains,
        defaultChain,
        0,
        Optional.empty(),
        false,
        List.of());
  }

  /** The same behind somebody who sends the header; who does not in time is closed. */
  public ListenerConfig behind(ProxyProtocol header) {
    return new ListenerConfig(
        name,
        direction,
        address,
        bindToPort,
        useOriginalDestination,
        detectProtocol,
        detectTimeout,
        chains,
        defaultChain,
        bufferBytes,
        Optional.of(header),
        true,
        accessLog);
  }

  /** The same with each chain changed. */
  public ListenerConfig mapChains(UnaryOperator<FilterChain> change) {
    return new ListenerConfig(
        name,
        direction,
        address,
        bindToPort,
        useOriginalDestination,
        detectProtocol,
        detectTimeout,
        chains.stream().map(change).toList(),
        defaultChain.map(change),
        bufferBytes,
        proxyProtocol,
        closesUndetected,
        accessLog);
  }

  /** {@code traffic_direction}. */
  public enum Direction {
    UNSPECIFIED,
    INBOUND,
    OUTBOUND
  }
}
