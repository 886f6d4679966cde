package dev.meshctl.model.resource;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gateway API {@code gateway.networking.k8s.io/Gateway}.
 *
 * @param clients how clients of its HTTPS listeners are verified, by port; port 0 for all others
 * @param infrastructure of what serves it, where that is made for it
 */
public record KubernetesGateway(
    Metadata metadata,
    String gatewayClassName,
    List<Listener> listeners,
    List<ClientValidation> clients,
    Infrastructure infrastructure)
    implements MeshResource {
  /**
   * By this label pods say that they serve one Gateway of their namespace: {@link #nameLabel}.
   * Source: GEP-1762.
   */
  public static final String NAME_LABEL = "gateway.networking.k8s.io/gateway-name";

  /** Of a label's value, and of a Service's name. */
  private static final int MOST_CHARS = 63;

  private static final int DIGEST_CHARS = 8;

  public KubernetesGateway {
    listeners = List.copyOf(listeners);
    clients = List.copyOf(clients);
  }

  /** Of which nothing is said of what serves it. */
  public KubernetesGateway(
      Metadata metadata,
      String gatewayClassName,
      List<Listener> listeners,
      List<ClientValidation> clients) {
    this(metadata, gatewayClassName, listeners, clients, Infrastructure.UNSAID);
  }

  /** Value of {@link #NAME_LABEL}: the name, or its beginning with a digest. */
  public String nameLabel() {
    return fitting(metadata.name());
  }

  /** Name of what is made to serve it: that of the Gateway and its class. */
  public String servedBy() {
    String name = (metadata.name() + "-" + gatewayClassName).replace('.', '-');
    return fitting(Character.isDigit(name.charAt(0)) ? "gateway-" + name : name);
  }

  private static String fitting(String name) {
    if (name.length() <= MOST_CHARS) {
      return name;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return name.substring(0, MOST_CHARS - DIGEST_CHARS - 1)
          + "-"
          + HexFormat.of().formatHex(digest).substring(0, DIGEST_CHARS);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
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

  /**
   * {@code spec.infrastructure}, of what is made for the Gateway.
   *
   * @param elsewhere {@code spec.addresses} says where it is served: nothing is made
   */
  public record Infrastructure(
      Map<String, String> labels, Map<String, String> annotations, boolean elsewhere) {
    public static final Infrastructure UNSAID = new Infrastructure(Map.of(), Map.of(), false);

    public Infrastructure {
      labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
      annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }
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
