package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.http.DownstreamConnection;
import java.net.InetSocketAddress;

/**
 * Whose connection it is, as a host is told by the PROXY protocol.
 *
 * @param source the client's address, with its port
 * @param destination where it wanted to go
 */
public record ToldClient(InetSocketAddress source, InetSocketAddress destination) {
  public static ToldClient of(DownstreamConnection connection) {
    return new ToldClient(connection.remote(), connection.original());
  }
}
