package dev.meshctl.model.xds;

/** A literal IP address (or a host name where the cluster resolves DNS) and a port, 0 to 65535. */
public record SocketEndpoint(String address, int port) {
  @Override
  public String toString() {
    return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
  }
}
