package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SocketEndpoint;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;

/** {@link SocketEndpoint} to and from {@code Address.socket_address}. */
final class AddressCodec {
  private static final int MAX_PORT = 65535;
  private static final KnownFields ADDRESS =
      KnownFields.of(Address.getDescriptor(), "socket_address");
  private static final KnownFields SOCKET =
      KnownFields.of(SocketAddress.getDescriptor(), "address", "port_value")
          .leavingAside("ipv4_compat");

  private AddressCodec() {}

  static Address encode(SocketEndpoint endpoint) {
    return Address.newBuilder()
        .setSocketAddress(
            SocketAddress.newBuilder().setAddress(endpoint.address()).setPortValue(endpoint.port()))
        .build();
  }

  static SocketEndpoint decode(Reading reading, String path, Address address) {
    reading.expect(path, address, ADDRESS);
    if (!address.hasSocketAddress()) {
      reading.refuse(path, "no socket_address (expected: an IP address and a port)");
      return new SocketEndpoint("", 0);
    }
    SocketAddress socket = address.getSocketAddress();
    String socketPath = path + ".socket_address";
    reading.expect(socketPath, socket, SOCKET);
    int port = Reading.unsigned(socket.getPortValue());
    if (port > MAX_PORT) {
      reading.refuse(socketPath + ".port_value", port + " (expected: 0 to " + MAX_PORT + ")");
      port = 0;
    }
    return new SocketEndpoint(socket.getAddress(), port);
  }
}
