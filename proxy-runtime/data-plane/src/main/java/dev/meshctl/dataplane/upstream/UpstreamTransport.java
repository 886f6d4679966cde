package dev.meshctl.dataplane.upstream;

import dev.meshctl.model.xds.ProxyProtocolSent;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;

/** How bytes leave towards an endpoint. */
public sealed interface UpstreamTransport {
  record Plain() implements UpstreamTransport {}

  /**
   * @param sni empty sends none
   */
  record Tls(SslContext context, String sni) implements UpstreamTransport {}

  /**
   * Says first whose connection it is.
   *
   * @param client empty for a connection of our own
   */
  record Telling(ProxyProtocolSent header, Optional<ToldClient> client, UpstreamTransport inside)
      implements UpstreamTransport {}

  UpstreamTransport PLAIN = new Plain();

  default boolean encrypted() {
    return switch (this) {
      case Plain plain -> false;
      case Tls tls -> true;
      case Telling telling -> telling.inside().encrypted();
    };
  }
}
