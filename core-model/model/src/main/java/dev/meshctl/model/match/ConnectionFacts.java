package dev.meshctl.model.match;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What access rules ask about a connection; made once for each.
 *
 * <p>Thread: any.
 */
public final class ConnectionFacts {
  private final IpNumber destination;
  private final int destinationPort;
  private final IpNumber source;
  private final boolean secure;
  private final Bytes serverName;
  private final List<Bytes> names;

  /**
   * @param destination where the client wanted to go, resolved
   * @param source the client's address, resolved
   * @param secure over TLS
   * @param serverName SNI, empty for none
   * @param names of the client's certificate: URI, then DNS alternative names, then the subject
   */
  public ConnectionFacts(
      InetSocketAddress destination,
      InetSocketAddress source,
      boolean secure,
      String serverName,
      List<String> names) {
    this.destination = IpNumber.of(destination.getAddress());
    this.destinationPort = destination.getPort();
    this.source = IpNumber.of(source.getAddress());
    this.secure = secure;
    this.serverName = Bytes.copyOf(serverName);
    this.names = names.stream().map(Bytes::copyOf).toList();
  }

  IpNumber destination() {
    return destination;
  }

  int destinationPort() {
    return destinationPort;
  }

  IpNumber source() {
    return source;
  }

  boolean secure() {
    return secure;
  }

  Bytes serverName() {
    return serverName;
  }

  List<Bytes> names() {
    return names;
  }
}
