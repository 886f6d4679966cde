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
  private final IpNumber direct;
  private final boolean secure;
  private final Bytes serverName;
  private final List<Bytes> names;
  private final int clientPlace;

  /** Of a client that came itself. */
  public ConnectionFacts(
      InetSocketAddress destination,
      InetSocketAddress source,
      boolean secure,
      String serverName,
      List<String> names) {
    this(destination, source, source, secure, serverName, names);
  }

  /**
   * @param destination where the client wanted to go, resolved
   * @param source the client's address, resolved
   * @param direct where the connection really comes from, resolved
   * @param secure over TLS
   * @param serverName SNI, empty for none
   * @param names of the client's certificate: URI, then DNS alternative names, then the subject
   */
  public ConnectionFacts(
      InetSocketAddress destination,
      InetSocketAddress source,
      InetSocketAddress direct,
      boolean secure,
      String serverName,
      List<String> names) {
    this.destination = IpNumber.of(destination.getAddress());
    this.destinationPort = destination.getPort();
    this.source = IpNumber.of(source.getAddress());
    this.direct = IpNumber.of(direct.getAddress());
    this.secure = secure;
    this.serverName = Bytes.copyOf(serverName);
    this.names = names.stream().map(Bytes::copyOf).toList();
    this.clientPlace = -1;
  }

  private ConnectionFacts(ConnectionFacts other, int clientPlace) {
    this.destination = other.destination;
    this.destinationPort = other.destinationPort;
    this.source = other.source;
    this.direct = other.direct;
    this.secure = other.secure;
    this.serverName = other.serverName;
    this.names = other.names;
    this.clientPlace = clientPlace;
  }

  /**
   * The same, but for requests that come through proxies whose word on their client counts.
   *
   * @param place of the client's address in {@code x-forwarded-for}, 0 is the last; -1 where the
   *     connection's own counts
   */
  public ConnectionFacts toldAt(int place) {
    return new ConnectionFacts(this, place);
  }

  /** See {@link #toldAt}. */
  public int clientPlace() {
    return clientPlace;
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

  IpNumber direct() {
    return direct;
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
