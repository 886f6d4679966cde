package dev.meshctl.model.xds;

import java.util.List;

/**
 * TLS towards an upstream.
 *
 * @param certificateSecret SDS name of our client certificate, empty for none
 * @param trustSecret SDS name of the trust bundle that verifies the server; empty is the trust
 *     store of the platform
 * @param sni empty sends none
 * @param serverSans accepted URI or DNS SANs of the server, any of them; empty accepts each that
 *     the bundle verifies
 * @param unverified without validation context: the server may be anybody
 */
public record UpstreamTls(
    String certificateSecret,
    String trustSecret,
    String sni,
    List<String> alpn,
    List<String> serverSans,
    TlsParameters parameters,
    boolean unverified) {
  public UpstreamTls {
    alpn = List.copyOf(alpn);
    serverSans = List.copyOf(serverSans);
  }

  /** To a server that is verified. */
  public UpstreamTls(
      String certificateSecret,
      String trustSecret,
      String sni,
      List<String> alpn,
      List<String> serverSans) {
    this(certificateSecret, trustSecret, sni, alpn, serverSans, TlsParameters.DEFAULT, false);
  }
}
