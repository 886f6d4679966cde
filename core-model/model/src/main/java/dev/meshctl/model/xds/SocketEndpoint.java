package dev.meshctl.model.xds;

/**
 * Where a socket is: a literal IP address (or a host name where the cluster resolves DNS) and a
 * port, 0 to 65535; or a Unix socket, {@code Address.pipe}.
 *
 * @param address of a Unix socket: its absolute path, or its abstract name behind an {@code @}
 * @param port 0 for a Unix socket
 * @param mode permission bits of a Unix socket's file where we listen, 0 leaves them
 */
public record SocketEndpoint(String address, int port, int mode) {
  /** No socket at all. */
  public static final SocketEndpoint NONE = new SocketEndpoint("", 0);

  public SocketEndpoint(String address, int port) {
    this(address, port, 0);
  }

  /** A Unix socket. */
  public static SocketEndpoint pipe(String path, int mode) {
    return new SocketEndpoint(path, 0, mode);
  }

  public boolean isPipe() {
    return address.startsWith("/") || isAbstract();
  }

  /** A Unix socket without a file. */
  public boolean isAbstract() {
    return address.startsWith("@");
  }

  @Override
  public String toString() {
    if (isPipe()) {
      return address;
    }
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
  }
}
