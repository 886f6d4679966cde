package dev.meshctl.model.topology;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.telemetry.EdgeKey;

/** Requests and connections are never added up. */
enum Layer {
  REQUESTS,
  CONNECTIONS;

  static Layer of(AppProtocol protocol) {
    return protocol.isHttp() ? REQUESTS : CONNECTIONS;
  }

  static Layer of(EdgeKey.Protocol protocol) {
    return switch (protocol) {
      case HTTP1, HTTP2, GRPC -> REQUESTS;
      case TCP -> CONNECTIONS;
    };
  }

  /** As in {@code GraphView.Edge.protocol}. */
  static String label(AppProtocol protocol) {
    return switch (protocol) {
      case HTTP, GRPC_WEB, UNKNOWN -> "http";
      case HTTP2 -> "http2";
      case GRPC -> "grpc";
      case HTTPS, TLS, TCP -> "tcp";
      case UDP -> "udp";
    };
  }

  static String label(EdgeKey.Protocol protocol) {
    return switch (protocol) {
      case HTTP1 -> "http";
      case HTTP2 -> "http2";
      case GRPC -> "grpc";
      case TCP -> "tcp";
    };
  }
}
