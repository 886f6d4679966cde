package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.http.DownstreamConnection;
import dev.meshctl.dataplane.http.HeaderBlock;
import dev.meshctl.dataplane.http.ResponseHead;
import dev.meshctl.dataplane.observe.ResponseFlag;
import dev.meshctl.model.match.Bytes;
import dev.meshctl.model.match.CompiledRoute;
import dev.meshctl.model.match.HeaderFormat;
import dev.meshctl.model.match.HeaderFormat.Operator;
import dev.meshctl.net.tls.PeerIdentity;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What header formats ask about an exchange.
 *
 * <p>Thread: confined to the loop of the connection.
 */
final class ExchangeValues implements HeaderFormat.Source {
  private final Exchange exchange;
  private final @Nullable ResponseHead response;

  /**
   * @param response null where it has not come yet
   */
  ExchangeValues(Exchange exchange, @Nullable ResponseHead response) {
    this.exchange = exchange;
    this.response = response;
  }

  @Override
  public String value(Operator operator, String header) {
    DownstreamConnection connection = exchange.connection();
    Tally tally = exchange.tally();
    CompiledRoute route = exchange.routeOrNone();
    return switch (operator) {
      case REQ ->
          header.startsWith(":")
              ? text(exchange.head().header(header))
              : first(exchange.head(), header);
      case RESP -> response == null ? "" : first(response, header);
      case DOWNSTREAM_REMOTE_ADDRESS -> {
        String told = exchange.toldClient();
        yield told == null ? withPort(connection.remote()) : withPort(told, 0);
      }
      case DOWNSTREAM_DIRECT_REMOTE_ADDRESS -> withPort(connection.direct());
      case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> exchange.sourceIp();
      case DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT ->
          connection.direct().getAddress().getHostAddress();
      case DOWNSTREAM_REMOTE_PORT ->
          exchange.toldClient() == null ? Integer.toString(connection.remote().getPort()) : "0";
      case DOWNSTREAM_DIRECT_REMOTE_PORT -> Integer.toString(connection.direct().getPort());
      case DOWNSTREAM_LOCAL_ADDRESS -> withPort(connection.original());
      case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT ->
          connection.original().getAddress().getHostAddress();
      case DOWNSTREAM_LOCAL_PORT -> Integer.toString(connection.original().getPort());
      case DOWNSTREAM_PEER_URI_SAN -> connection.peerUri();
      case DOWNSTREAM_PEER_SUBJECT -> connection.peer().map(PeerIdentity::subject).orElse("");
      case DOWNSTREAM_PEER_FINGERPRINT_256 ->
          connection.peer().map(PeerIdentity::sha256Hex).orElse("");
      case REQUESTED_SERVER_NAME -> connection.serverName();
      case PROTOCOL -> tally.protocol();
      case ROUTE_NAME -> route == null ? "" : route.name();
      case VIRTUAL_HOST_NAME -> route == null ? "" : route.host();
      case UPSTREAM_CLUSTER -> tally.upstreamCluster();
      case UPSTREAM_HOST, UPSTREAM_REMOTE_ADDRESS -> tally.upstreamHost();
      case RESPONSE_CODE -> response == null ? "0" : Integer.toString(response.status());
      case RESPONSE_CODE_DETAILS -> response == null ? "" : tally.responseDetails();
      case RESPONSE_FLAGS -> ResponseFlag.text(tally.flags());
      case START_TIME -> Instant.ofEpochMilli(tally.startEpochMillis()).toString();
    };
  }

  /** Of several headers of a name the first, as at Envoy. */
  private static String first(HeaderBlock head, String name) {
    int first = head.find(name, 0);
    return first < 0 ? "" : head.value(first);
  }

  private static String text(@Nullable Bytes value) {
    return value == null ? "" : value.toString();
  }

  private static String withPort(InetSocketAddress address) {
    return withPort(address.getAddress().getHostAddress(), address.getPort());
  }

  private static String withPort(String text, int port) {
    return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + port;
  }
}
