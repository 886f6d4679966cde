package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio {@code networking.istio.io/Gateway}. */
public record IstioGateway(Metadata metadata, Map<String, String> selector, List<Server> servers)
    implements MeshResource {
  public IstioGateway {
    selector = Map.copyOf(selector);
    servers = List.copyOf(servers);
  }

  @Override
  public String kind() {
    return "Gateway.networking.istio.io";
  }

  /** {@code servers[]}. */
  public record Server(
      String name, int port, AppProtocol protocol, List<String> hosts, Optional<ServerTls> tls) {
    public Server {
      hosts = List.copyOf(hosts);
    }

    /** In the clear. */
    public Server(String name, int port, AppProtocol protocol, List<String> hosts) {
      this(name, port, protocol, hosts, Optional.empty());
    }

    /** How TLS arrives; empty where the port speaks none. */
    public Optional<TlsMode> tlsMode() {
      return protocol == AppProtocol.HTTPS || protocol == AppProtocol.TLS
          ? Optional.of(tls.map(ServerTls::mode).orElse(TlsMode.PASSTHROUGH))
          : Optional.empty();
    }

    /** {@code tls.httpsRedirect} of a port in the clear. */
    public boolean redirectsToHttps() {
      return protocol.isHttp() && tls.map(ServerTls::httpsRedirect).orElse(false);
    }
  }

  /**
   * {@code servers[].tls}.
   *
   * @param credential name of a Secret in the namespace of the gateway's workload, may be empty
   * @param authorities name of a Secret with authorities, where they are apart; may be empty
   * @param subjectAltNames of clients, any of them; empty for each that is verified
   * @param ciphers of TLS 1.2 by their OpenSSL names
   */
  public record ServerTls(
      boolean httpsRedirect,
      TlsMode mode,
      String credential,
      String authorities,
      List<String> subjectAltNames,
      TlsVersion least,
      TlsVersion most,
      List<String> ciphers) {
    public ServerTls {
      subjectAltNames = List.copyOf(subjectAltNames);
      ciphers = List.copyOf(ciphers);
    }
  }

  /** {@code tls.mode}. */
  public enum TlsMode {
    PASSTHROUGH,
    SIMPLE,
    MUTUAL,
    OPTIONAL_MUTUAL,
    /** The mesh's own certificates on both sides. */
    ISTIO_MUTUAL,
    /** By the server name alone, to services of other clusters. */
    AUTO_PASSTHROUGH;

    /** TLS ends here. */
    public boolean terminates() {
      return switch (this) {
        case SIMPLE, MUTUAL, OPTIONAL_MUTUAL, ISTIO_MUTUAL -> true;
        case PASSTHROUGH, AUTO_PASSTHROUGH -> false;
      };
    }

    /** Clients are asked for a certificate. */
    public boolean asksClients() {
      return switch (this) {
        case MUTUAL, OPTIONAL_MUTUAL, ISTIO_MUTUAL -> true;
        case SIMPLE, PASSTHROUGH, AUTO_PASSTHROUGH -> false;
      };
    }
  }

  /** {@code minProtocolVersion}, {@code maxProtocolVersion}. */
  public enum TlsVersion {
    TLS_AUTO,
    TLSV1_2,
    TLSV1_3
  }
}
