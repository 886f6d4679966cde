package dev.meshctl.model.resource;

import java.util.List;
import java.util.Optional;

/**
 * Gateway API {@code gateway.networking.k8s.io/Gateway}.
 *
 * @param clients how clients of its HTTPS listeners are verified, by port; port 0 for all others
 */
public record KubernetesGateway(
    Metadata metadata,
    String gatewayClassName,
    List<Listener> listeners,
    List<ClientValidation> clients)
    implements MeshResource {
  public KubernetesGateway {
    listeners = List.copyOf(listeners);
    clients = List.copyOf(clients);
  }

  @Override
  public String kind() {
    return "Gateway.gateway.networking.k8s.io";
  }

  /** How clients are verified at a port; empty where they are not. */
  public Optional<ClientValidation> clientsAt(int port) {
    return clients.stream()
        .filter(each -> each.port() == port)
        .findFirst()
        .or(() -> clients.stream().filter(each -> each.port() == 0).findFirst())
        .filter(each -> !each.authorities().isEmpty());
  }

  /** {@code listeners[]}; an empty host name is any. */
  public record Listener(
      String name,
      int port,
      AppProtocol protocol,
      String hostname,
      AllowedRoutes allowedRoutes,
      Optional<ListenerTls> tls) {
    /** TLS arrives and ends here. */
    public boolean terminatesTls() {
      return (protocol == AppProtocol.HTTPS || protocol == AppProtocol.TLS)
          && tls.map(each -> each.mode() == TlsMode.TERMINATE).orElse(false);
    }
  }

  /** {@code listeners[].tls}; of its options none is known here. */
  public record ListenerTls(TlsMode mode, List<ObjectRef> certificates) {
    public ListenerTls {
      certificates = List.copyOf(certificates);
    }
  }

  /** {@code tls.mode}. */
  public enum TlsMode {
    TERMINATE,
    PASSTHROUGH
  }

  /**
   * {@code spec.tls.frontend}: {@code default} is of port 0.
   *
   * @param required a client without a certificate that is verified is refused
   */
  public record ClientValidation(int port, List<ObjectRef> authorities, boolean required) {
    public ClientValidation {
      authorities = List.copyOf(authorities);
    }
  }

  /**
   * {@code allowedRoutes}.
   *
   * @param namespaces of {@link From#SELECTOR}
   * @param kinds empty for those that the protocol suggests
   */
  public record AllowedRoutes(From from, LabelSelector namespaces, List<RouteKind> kinds) {
    public static final AllowedRoutes SAME_NAMESPACE =
        new AllowedRoutes(From.SAME, LabelSelector.EVERYTHING, List.of());

    public AllowedRoutes {
      kinds = List.copyOf(kinds);
    }
  }

  /** {@code allowedRoutes.namespaces.from}. */
  public enum From {
    SAME,
    ALL,
    SELECTOR,
    NONE
  }

  /** {@code allowedRoutes.kinds[]}. */
  public record RouteKind(String group, String kind) {
    public static final String GATEWAY_API = "gateway.networking.k8s.io";
  }
}
