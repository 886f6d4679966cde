package dev.meshctl.app;

import dev.meshctl.model.xds.SocketEndpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** {@code HOST:PORT} and {@code [HOST]:PORT} as the configuration files write them. */
final class Addresses {
  private Addresses() {}

  /**
   * @throws IllegalArgumentException where {@code text} is not of that form
   */
  static SocketEndpoint endpoint(String field, String text) {
    int colon = text.lastIndexOf(':');
    try {
      if (colon > 0) {
        String host = text.substring(0, colon);
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port >= 0 && port <= 65535) {
          boolean bracketed = host.startsWith("[") && host.endsWith("]");
          return new SocketEndpoint(bracketed ? host.substring(1, host.length() - 1) : host, port);
        }
      }
    } catch (NumberFormatException notAPort) {
      // Told below.
    }
    throw new IllegalArgumentException(
        field + ": '" + text + "' (expected: HOST:PORT with a port of 0 to 65535)");
  }

  static Optional<SocketEndpoint> optional(String field, String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(endpoint(field, text));
  }

  /** Resolves the host where it is a name. */
  static InetSocketAddress resolve(String field, String text) {
    SocketEndpoint endpoint = endpoint(field, text);
    try {
      return new InetSocketAddress(InetAddress.getByName(endpoint.address()), endpoint.port());
    } catch (UnknownHostException unknown) {
      throw new IllegalArgumentException(
          field + ": the host of '" + text + "' does not resolve", unknown);
    }
  }
}
