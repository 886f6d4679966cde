package dev.meshctl.model.xds;

/**
 * {@code envoy.filters.listener.proxy_protocol}: who stands before us says by a first header whose
 * connection it hands on.
 *
 * @param optional {@code allow_requests_without_proxy_protocol}: a connection without the header is
 *     served as its own; else it is closed
 * @param version1 the header may come as text
 * @param version2 the header may come in binary
 */
public record ProxyProtocol(boolean optional, boolean version1, boolean version2) {
  public static final ProxyProtocol REQUIRED = new ProxyProtocol(false, true, true);
}
