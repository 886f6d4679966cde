package dev.meshctl.model.resource;

/**
 * The application protocol of a port: from {@code appProtocol}, else from the port name's prefix
 * ({@code http-web}), else {@link #UNKNOWN}, which the proxy detects.
 */
public enum AppProtocol {
  HTTP,
  HTTP2,
  GRPC,
  GRPC_WEB,
  HTTPS,
  TLS,
  TCP,
  UDP,
  UNKNOWN;

  /** True where requests, not only connections, can be routed. */
  public boolean isHttp() {
    return switch (this) {
      case HTTP, HTTP2, GRPC, GRPC_WEB, UNKNOWN -> true;
      case HTTPS, TLS, TCP, UDP -> false;
    };
  }
}
