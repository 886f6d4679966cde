package dev.meshctl.model.xds;

import java.util.List;

/**
 * TLS towards clients.
 *
 * @param certificateSecret SDS name of our certificate; {@code default} is the workload's own
 * @param trustSecret SDS name of the trust bundle; empty where no client certificate is wanted
 * @param requireClientCertificate refuse a client without a certificate
 * @param alpn offered, in order of preference
 * @param clientSans accepted URI SANs (any of them) of the client; empty accepts each that the
 *     bundle verifies
 * @param withoutTickets {@code disable_stateless_session_resumption}
 * @param withoutSessions {@code disable_stateful_session_resumption}
 */
public record DownstreamTls(
    String certificateSecret,
    String trustSecret,
    boolean requireClientCertificate,
    List<String> alpn,
    List<String> clientSans,
    TlsParameters parameters,
    boolean withoutTickets,
    boolean withoutSessions) {
  public DownstreamTls {
    alpn = List.copyOf(alpn);
    clientSans = List.copyOf(clientSans);
  }

  public DownstreamTls(
      String certificateSecret,
      String trustSecret,
      boolean requireClientCertificate,
      List<String> alpn,
      List<String> clientSans) {
    this(
        certificateSecret,
        trustSecret,
        requireClientCertificate,
        alpn,
        clientSans,
        TlsParameters.DEFAULT,
        false,
        false);
  }
}
