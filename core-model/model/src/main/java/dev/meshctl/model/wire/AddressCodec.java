package dev.meshctl.model.wire;

import dev.meshctl.model.xds.SocketEndpoint;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import java.nio.charset.StandardCharsets;

/** {@link SocketEndpoint} to and from {@code Address.socket_address} and {@code Address.pipe}. */
final class AddressCodec {
  private static final int MAX_PORT = 65535;
  private static final String ANY_OF_BOTH = "::";
  private static final int MAX_MODE = 0777;

  /** {@code sun_path} of the kernel's address has 108 bytes, a zero at the end. */
  private static final int MAX_PATH_BYTES = 107;

  private static final KnownFields ADDRESS =
      KnownFields.of(Address.getDescriptor(), "socket_address", "pipe");
  private static final KnownFields SOCKET =
      KnownFields.of(SocketAddress.getDescriptor(), "address", "port_value")
          .leavingAside("ipv4_compat");
  private static final KnownFields PIPE = KnownFields.of(Pipe.getDescriptor(), "path", "mode");

  private AddressCodec() {}

  static Address encode(SocketEndpoint endpoint) {
    if (endpoint.isPipe()) {
      return Address.newBuilder()
          .setPipe(Pipe.newBuilder().setPath(endpoint.address()).setMode(endpoint.mode()))
          .build();
    }
    SocketAddress.Builder socket =
        SocketAddress.newBuilder().setAddress(endpoint.address()).setPortValue(endpoint.port());
    if (endpoint.address().equals(ANY_OF_BOTH)) {
      // As our own listeners do without being told: else IPv4 is not taken there.
      socket.setIpv4Compat(true);
    }
    return Address.newBuilder().setSocketAddress(socket).build();
  }

  static SocketEndpoint decode(Reading reading, String path, Address address) {
    reading.expect(path, address, ADDRESS);
    return switch (address.getAddressCase()) {
      case SOCKET_ADDRESS -> socket(reading, path + ".socket_address", address.getSocketAddress());
      case PIPE -> pipe(reading, path + ".pipe", address.getPipe());
      case ENVOY_INTERNAL_ADDRESS, ADDRESS_NOT_SET -> {
        reading.refuse(
            path, "no socket_address or pipe (expected: an IP address and a port, or a path)");
        yield new SocketEndpoint("", 0);
      }
    };
  }

  private static SocketEndpoint socket(Reading reading, String path, SocketAddress socket) {
    reading.expect(path, socket, SOCKET);
    int port = Reading.unsigned(socket.getPortValue());
    if (port > MAX_PORT) {
      reading.refuse(path + ".port_value", port + " (expected: 0 to " + MAX_PORT + ")");
      port = 0;
    }
    String address = socket.getAddress();
    if (SocketEndpoint.pipe(address, 0).isPipe()) {
      reading.refuse(path + ".address", address + " (expected: an IP address; pipe for a path)");
      address = "";
    }
    return new SocketEndpoint(address, port);
  }

  private static SocketEndpoint pipe(Reading reading, String path, Pipe pipe) {
    reading.expect(path, pipe, PIPE);
    SocketEndpoint read = SocketEndpoint.pipe(pipe.getPath(), Reading.unsigned(pipe.getMode()));
    int bytes = pipe.getPath().getBytes(StandardCharsets.UTF_8).length;
    if (!read.isPipe() || bytes < 2 || bytes > MAX_PATH_BYTES || pipe.getPath().indexOf(0) >= 0) {
      reading.refuse(
          path + ".path",
          pipe.getPath()
              + " (expected: an absolute path, or @ and a name, of at most "
              + MAX_PATH_BYTES
              + " bytes)");
    } else if (read.mode() > MAX_MODE) {
      reading.refuse(path + ".mode", read.mode() + " (expected: at most 0777)");
    } else if (read.mode() > 0 && read.isAbstract()) {
      reading.refuse(path + ".mode", "set for a socket without a file (expected: not set)");
    }
    return read;
  }
}
