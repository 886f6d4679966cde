package dev.meshctl.integration.judges;

import java.nio.file.Path;

/**
 * Envoy bootstraps for our proxy and for Envoy alike: one listener on {@link ProxyProcess#PORT}
 * before one upstream on the loopback, WebSocket upgrades allowed, no time limit on a request. The
 * upstream is told its own address as the authority: some compare.
 */
final class Bootstraps {
  private static final String SHAPE =
      """
      static_resources:
        listeners:
        - name: judged
          address: {socket_address: {address: 127.0.0.1, port_value: @PORT@}}
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: judged
                codec_type: @CODEC@
                upgrade_configs: [{upgrade_type: websocket}]
                route_config:
                  virtual_hosts:
                  - {name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: upstream, timeout: 0s, host_rewrite_literal: "127.0.0.1:@UPSTREAM@"}}]}
                http_filters:
                - name: envoy.filters.http.router
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
            @DOWNSTREAM_TLS@
        clusters:
        - name: upstream
          type: STATIC
          connect_timeout: 2s
          @UPSTREAM_TLS@
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              @PROTOCOL@
          load_assignment:
            cluster_name: upstream
            endpoints:
            - lb_endpoints:
              - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: @UPSTREAM@}}}
      """;

  private static final String TLS =
      """
      transport_socket: {name: envoy.transport_sockets.tls, typed_config: {\
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.@KIND@, \
      @MORE@common_tls_context: {alpn_protocols: @ALPN@, \
      tls_certificates: [{certificate_chain: {filename: @PKI@/cert.pem}, \
      private_key: {filename: @PKI@/key.pem}}]@TRUST@}}}\
      """;

  private static final String TRUST =
      ", validation_context: {trusted_ca: {filename: @PKI@/cert.pem}}";

  private Bootstraps() {}

  /** What a listener accepts and a cluster speaks. */
  enum Http {
    AUTO("use_downstream_protocol_config: {http2_protocol_options: {}}"),
    HTTP1("explicit_http_config: {http_protocol_options: {}}"),
    HTTP2("explicit_http_config: {http2_protocol_options: {}}");

    private final String options;

    Http(String options) {
      this.options = options;
    }
  }

  /** Plaintext on both sides. */
  static String before(int upstreamPort, Http http) {
    return between(upstreamPort, http, http);
  }

  /** Plaintext on both sides, each with a protocol of its own. */
  static String between(int upstreamPort, Http in, Http out) {
    return text(upstreamPort, in, out, "", "");
  }

  /** The side of a pair next to the client: plaintext in, mTLS and HTTP/2 out. */
  static String outer(int innerPort, Path pki) {
    return text(
        innerPort,
        Http.HTTP2,
        "",
        tls("UpstreamTlsContext", "sni: localhost, ", "[h2]", TRUST, pki));
  }

  /** The side of a pair next to the server: mTLS in, plaintext and HTTP/2 out. */
  static String inner(int upstreamPort, Path pki) {
    return text(
        upstreamPort,
        Http.HTTP2,
        tls("DownstreamTlsContext", "require_client_certificate: true, ", "[h2]", TRUST, pki),
        "");
  }

  /** TLS in, without a client's certificate; plaintext out. */
  static String tls(int upstreamPort, Path pki) {
    return text(
        upstreamPort, Http.AUTO, tls("DownstreamTlsContext", "", "[h2, http/1.1]", "", pki), "");
  }

  private static String tls(String kind, String more, String alpn, String trust, Path pki) {
    return TLS.replace("@KIND@", kind)
        .replace("@MORE@", more)
        .replace("@ALPN@", alpn)
        .replace("@TRUST@", trust)
        .replace("@PKI@", pki.toString());
  }

  private static String text(int upstreamPort, Http http, String downstream, String upstream) {
    return text(upstreamPort, http, http, downstream, upstream);
  }

  private static String text(
      int upstreamPort, Http in, Http out, String downstream, String upstream) {
    return SHAPE
        .replace("@CODEC@", in.name())
        .replace("@PROTOCOL@", out.options)
        .replace("@DOWNSTREAM_TLS@", downstream)
        .replace("@UPSTREAM_TLS@", upstream)
        .replace("@UPSTREAM@", Integer.toString(upstreamPort));
  }
}
