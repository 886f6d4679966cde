package dev.meshctl.dataplane.upstream;

import io.netty.handler.ssl.SslContext;

/** How bytes leave towards an endpoint. */
public sealed interface UpstreamTransport {
  record Plain() implements UpstreamTransport {}

  /**
   * @param sni empty sends none
   */
  record Tls(SslContext context, String sni) implements UpstreamTransport {}

  UpstreamTransport PLAIN = new Plain();
}
