package dev.meshctl.dataplane.observe.log;

import dev.meshctl.model.match.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What a line of the access log can tell of one exchange or connection. Read once, on the event
 * loop, when it has ended. Empty strings and -1 are printed as {@code -}.
 *
 * <p>Thread: confined to the event loop of the exchange.
 */
public interface LogEntry {
  /** {@code %START_TIME%}. */
  long startEpochMillis();

  /** {@code %DURATION%}: from the first byte of the request to the last of the response. */
  long durationMillis();

  /** {@code %REQUEST_DURATION%}: to the last byte of the request, -1 for none. */
  default long requestMillis() {
    return -1;
  }

  /** {@code %RESPONSE_DURATION%}: to the first byte of the upstream's response, -1 for none. */
  default long responseMillis() {
    return -1;
  }

  /** {@code %RESPONSE_TX_DURATION%}: from there to the last byte for the client, -1 for none. */
  default long responseTxMillis() {
    return -1;
  }

  /** {@code %UPSTREAM_REQUEST_ATTEMPT_COUNT%}. */
  default int attempts() {
    return 0;
  }

  /** {@code %RESPONSE_CODE%}, 0 for none. */
  int status();

  /** {@code %GRPC_STATUS%}, -1 for none. */
  int grpcStatus();

  /** {@code %RESPONSE_FLAGS%}: bits of {@link dev.meshctl.dataplane.observe.ResponseFlag}. */
  long flags();

  /** {@code %RESPONSE_CODE_DETAILS%}, for example {@code via_upstream}. */
  String responseDetails();

  /** {@code %CONNECTION_TERMINATION_DETAILS%}. */
  String terminationDetails();

  /** {@code %UPSTREAM_TRANSPORT_FAILURE_REASON%}. */
  String transportFailure();

  /** {@code %BYTES_RECEIVED%} of the body, or from the client of a TCP connection. */
  long bytesReceived();

  /** {@code %BYTES_SENT%} of the body, or to the client of a TCP connection. */
  long bytesSent();

  /** {@code %PROTOCOL%}, such as {@code HTTP/1.1}. */
  String protocol();

  /** {@code %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%}: time to the response head, -1 for none. */
  long upstreamServiceMillis();

  /**
   * {@code %REQ(NAME)%}.
   *
   * @param lowerCaseName may be a pseudo header
   * @return valid until the next call
   */
  @Nullable Bytes requestHeader(String lowerCaseName);

  /**
   * {@code %RESP(NAME)%}.
   *
   * @return valid until the next call
   */
  @Nullable Bytes responseHeader(String lowerCaseName);

  /**
   * {@code %TRAILER(NAME)%} of the response.
   *
   * @return valid until the next call
   */
  default @Nullable Bytes trailer(String lowerCaseName) {
    return null;
  }

  /** {@code %UPSTREAM_HOST%} as ADDRESS:PORT. */
  String upstreamHost();

  /** {@code %UPSTREAM_CLUSTER%}. */
  String upstreamCluster();

  /** {@code %UPSTREAM_LOCAL_ADDRESS%}. */
  String upstreamLocalAddress();

  /** {@code %DOWNSTREAM_LOCAL_ADDRESS%}. */
  String downstreamLocalAddress();

  /** {@code %DOWNSTREAM_REMOTE_ADDRESS%}. */
  String downstreamRemoteAddress();

  /** {@code %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%}: the other end of the connection. */
  default String downstreamDirectRemoteAddress() {
    return downstreamRemoteAddress();
  }

  /** {@code %DOWNSTREAM_LOCAL_URI_SAN%}: our SPIFFE identity. */
  default String localUri() {
    return "";
  }

  /** {@code %DOWNSTREAM_PEER_URI_SAN%}: the SPIFFE identity of the client. */
  String downstreamPeer();

  /** {@code %REQUESTED_SERVER_NAME%}. */
  String requestedServerName();

  /** {@code %ROUTE_NAME%}. */
  String routeName();
}
