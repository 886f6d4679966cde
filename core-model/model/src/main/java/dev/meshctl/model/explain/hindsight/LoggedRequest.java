package dev.meshctl.model.explain.hindsight;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A line of an access log, read. What the line does not have is empty; an address is {@code
 * HOST:PORT}.
 *
 * @param start empty where the line has none that reads as a time
 * @param method empty for a connection that is not HTTP
 * @param path with query, as the client wrote it
 * @param status 0 where no answer began
 * @param flags Envoy's response flags, short
 * @param details {@code %RESPONSE_CODE_DETAILS%}
 * @param transportFailure {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%}
 * @param durationMillis -1 where it is not told
 * @param prefix what stood before the line: who a collector of logs says wrote it
 */
public record LoggedRequest(
    Optional<Instant> start,
    String method,
    String path,
    String authority,
    String protocol,
    int status,
    List<String> flags,
    String details,
    String terminationDetails,
    String transportFailure,
    long durationMillis,
    String userAgent,
    String requestId,
    String forwardedFor,
    Route route,
    Addresses addresses,
    String prefix) {
  /**
   * Where the proxy sent it.
   *
   * @param endpoint of the last attempt
   */
  public record Route(String name, String cluster, String endpoint) {}

  /**
   * The ends of both connections.
   *
   * @param client the other end of the downstream connection
   * @param listener our end of it
   * @param upstreamLocal our end of the upstream connection
   */
  public record Addresses(String client, String listener, String upstreamLocal) {}

  public LoggedRequest {
    flags = List.copyOf(flags);
  }

  /** The whole answer was not what was asked for, or there was none. */
  public boolean failed() {
    return !flags.isEmpty() || overHttp() && (status == 0 || status >= 400);
  }

  public boolean overHttp() {
    return !method.isEmpty();
  }

  /** The upstream gave the answer, the proxy passed it on. */
  public boolean passedOn() {
    return details.equals("via_upstream") || details.isEmpty() && flags.isEmpty() && status > 0;
  }

  /** The time at which it ended, as far as it is told. */
  Optional<Instant> end() {
    return start.map(at -> at.plusMillis(Math.max(0, durationMillis)));
  }

  /** An address without its port, and without the brackets of IPv6. */
  static String host(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** The port of an address; 0 where it has none. */
  static int port(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 0 || address.endsWith("]")) {
      return 0;
    }
    try {
      return Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException none) {
      return 0;
    }
  }
}
