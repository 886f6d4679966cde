package dev.meshctl.dataplane.http;

import dev.meshctl.model.match.ConnectionFacts;
import dev.meshctl.net.tls.PeerIdentity;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a client's connection.
 *
 * @param remote the client's address, as the PROXY protocol told it where it did; {@link #UNNAMED}
 *     of a client that came over a Unix socket
 * @param direct the address that the connection really comes from
 * @param peer who the client proved to be
 * @param original where the client wanted to go; the local address where nothing redirected it
 * @param secure it came over TLS
 * @param serverName SNI, empty for none
 */
public record DownstreamConnection(
    InetSocketAddress remote,
    InetSocketAddress direct,
    InetSocketAddress original,
    boolean secure,
    Optional<PeerIdentity> peer,
    String serverName) {

  /** Where a Unix socket has no address: that of nobody. */
  public static final InetSocketAddress UNNAMED = new InetSocketAddress("0.0.0.0", 0);

  /** {@code address} where it is one of IP, else {@link #UNNAMED}. */
  public static InetSocketAddress named(SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet : UNNAMED;
  }

  /** The client has an address. */
  public boolean isNamed() {
    return !remote.equals(UNNAMED);
  }

  /** Of a client that came itself. */
  public DownstreamConnection(
      InetSocketAddress remote,
      InetSocketAddress original,
      boolean secure,
      Optional<PeerIdentity> peer,
      String serverName) {
    this(remote, remote, original, secure, peer, serverName);
  }

  /** What access rules ask about it. */
  public ConnectionFacts facts() {
    return new ConnectionFacts(
        original,
        remote,
        direct,
        secure,
        serverName,
        peer.map(PeerIdentity::names).orElse(List.of()));
  }

  /** The client's SPIFFE ID, empty where it proved none; equal ones are the same object. */
  public String peerUri() {
    return peer.map(PeerIdentity::uri).orElse("");
  }

  public String originalText() {
    return original.getAddress().getHostAddress() + ":" + original.getPort();
  }

  /** The client's address without port. */
  public String remoteText() {
    return remote.getAddress().getHostAddress();
  }
}
