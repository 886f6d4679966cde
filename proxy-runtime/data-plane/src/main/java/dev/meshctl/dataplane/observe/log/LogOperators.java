package dev.meshctl.dataplane.observe.log;

import dev.meshctl.dataplane.observe.ResponseFlag;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Envoy's command operators, by name. */
final class LogOperators {
  /** By number, as {@code google.rpc.Code} has them. */
  private static final List<String> GRPC =
      List.of(
          "OK",
          "Canceled",
          "Unknown",
          "InvalidArgument",
          "DeadlineExceeded",
          "NotFound",
          "AlreadyExists",
          "PermissionDenied",
          "ResourceExhausted",
          "FailedPrecondition",
          "Aborted",
          "OutOfRange",
          "Unimplemented",
          "Internal",
          "Unavailable",
          "DataLoss",
          "Unauthenticated");

  private LogOperators() {}

  /**
   * The operator of this name; empty where it is not known here.
   *
   * @param argument what stands in its parentheses, may be empty
   * @param most characters of the value, 0 for all
   * @throws IllegalArgumentException where the argument is wrong
   */
  static Optional<LogField> of(String name, String argument, int most) {
    return Optional.ofNullable(
        switch (name) {
          case "START_TIME" -> LogTime.of(argument);
          case "DURATION" -> new LogField.Number(LogEntry::durationMillis, false);
          case "REQUEST_DURATION" -> new LogField.Number(LogEntry::requestMillis, true);
          case "RESPONSE_DURATION" -> new LogField.Number(LogEntry::responseMillis, true);
          case "RESPONSE_TX_DURATION" -> new LogField.Number(LogEntry::responseTxMillis, true);
          case "RESPONSE_CODE" -> new LogField.Number(LogEntry::status, false);
          case "GRPC_STATUS" -> grpcStatus(argument);
          case "GRPC_STATUS_NUMBER" -> new LogField.Number(LogEntry::grpcStatus, true);
          case "BYTES_RECEIVED" -> new LogField.Number(LogEntry::bytesReceived, false);
          case "BYTES_SENT" -> new LogField.Number(LogEntry::bytesSent, false);
          case "UPSTREAM_REQUEST_ATTEMPT_COUNT" -> new LogField.Number(LogEntry::attempts, false);
          case "DOWNSTREAM_REMOTE_PORT" -> port(LogEntry::downstreamRemoteAddress);
          case "DOWNSTREAM_DIRECT_REMOTE_PORT" -> port(LogEntry::downstreamDirectRemoteAddress);
          case "DOWNSTREAM_LOCAL_PORT" -> port(LogEntry::downstreamLocalAddress);
          case "UPSTREAM_REMOTE_PORT" -> port(LogEntry::upstreamHost);
          case "UPSTREAM_LOCAL_PORT" -> port(LogEntry::upstreamLocalAddress);
          case "REQ" -> LogField.Header.of(argument, LogEntry::requestHeader, most);
          case "RESP" ->
              argument.equalsIgnoreCase("X-ENVOY-UPSTREAM-SERVICE-TIME")
                  ? new LogField.Number(LogEntry::upstreamServiceMillis, true)
                  : LogField.Header.of(argument, LogEntry::responseHeader, most);
          case "TRAILER" -> LogField.Header.of(argument, LogEntry::trailer, most);
          default -> text(name, most);
        });
  }

  private static @Nullable LogField text(String name, int most) {
    Function<LogEntry, String> value =
        switch (name) {
          case "RESPONSE_FLAGS" ->
              // In JSON too, none are a text.
              entry -> entry.flags() == 0 ? "-" : ResponseFlag.text(entry.flags());
          case "RESPONSE_CODE_DETAILS" -> LogEntry::responseDetails;
          case "CONNECTION_TERMINATION_DETAILS" -> LogEntry::terminationDetails;
          case "UPSTREAM_TRANSPORT_FAILURE_REASON" -> LogEntry::transportFailure;
          case "PROTOCOL" -> LogEntry::protocol;
          case "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS" -> LogEntry::upstreamHost;
          case "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" -> entry -> host(entry.upstreamHost());
          case "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW" -> LogEntry::upstreamCluster;
          case "UPSTREAM_LOCAL_ADDRESS" -> LogEntry::upstreamLocalAddress;
          case "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" -> entry -> host(entry.upstreamLocalAddress());
          case "DOWNSTREAM_LOCAL_ADDRESS" -> LogEntry::downstreamLocalAddress;
          case "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" ->
              entry -> host(entry.downstreamLocalAddress());
          case "DOWNSTREAM_REMOTE_ADDRESS" -> LogEntry::downstreamRemoteAddress;
          case "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" ->
              entry -> host(entry.downstreamRemoteAddress());
          case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" -> LogEntry::downstreamDirectRemoteAddress;
          case "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" ->
              entry -> host(entry.downstreamDirectRemoteAddress());
          case "DOWNSTREAM_PEER_URI_SAN" -> LogEntry::downstreamPeer;
          case "DOWNSTREAM_LOCAL_URI_SAN" -> LogEntry::localUri;
          case "REQUESTED_SERVER_NAME" -> LogEntry::requestedServerName;
          case "ROUTE_NAME" -> LogEntry::routeName;
          case "HOSTNAME" -> {
            String own = hostname();
            yield entry -> own;
          }
          default -> null;
        };
    return value == null ? null : new LogField.Text(value, most);
  }

  private static LogField grpcStatus(String form) {
    return switch (form) {
      case "", "CAMEL_STRING" -> new LogField.Text(LogOperators::camel, 0);
      case "SNAKE_STRING" ->
          new LogField.Text(
              entry -> camel(entry).replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT),
              0);
      case "NUMBER" -> new LogField.Number(LogEntry::grpcStatus, true);
      default ->
          throw new IllegalArgumentException(
              "access log: GRPC_STATUS(%s) (expected: CAMEL_STRING, SNAKE_STRING or NUMBER)"
                  .formatted(form));
    };
  }

  private static String camel(LogEntry entry) {
    int status = entry.grpcStatus();
    return status < 0 ? "" : status < GRPC.size() ? GRPC.get(status) : Integer.toString(status);
  }

  private static LogField port(Function<LogEntry, String> address) {
    return new LogField.Number(
        entry -> {
          String text = address.apply(entry);
          int colon = text.lastIndexOf(':');
          return colon < 0 ? -1 : Integer.parseInt(text, colon + 1, text.length(), 10);
        },
        true);
  }

  /** Without port, and without the brackets of IPv6. */
  private static String host(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }
}
