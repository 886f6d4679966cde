package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code envoy.config.listener.v3.Listener}.
 *
 * @param bindToPort false: no socket; connections reach it from a listener with {@code
 *     useOriginalDestination} whose original destination equals {@code address}
 * @param useOriginalDestination hand a connection to the listener of its original destination
 * @param detectProtocol inspect first bytes (TLS ClientHello, HTTP) before choosing a chain, for at
 *     most {@code detectTimeout}; zero means without limit. After it the connection goes on as
 *     plain bytes (server-first protocols).
 * @param chains tried by the most specific match; none matching falls to {@code defaultChain}, else
 *     the connection is closed
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
    Optional<FilterChain> defaultChain)
    implements XdsResource {
  public ListenerConfig {
    chains = List.copyOf(chains);
  }

  /** {@code traffic_direction}. */
  public enum Direction {
    UNSPECIFIED,
    INBOUND,
    OUTBOUND
  }
}
