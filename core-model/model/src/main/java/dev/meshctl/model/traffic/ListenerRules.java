package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.AppProtocol;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.KubernetesGateway.Listener;
import dev.meshctl.model.resource.KubernetesGateway.RouteKind;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.Namespace;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which routes a listener of the Gateway API takes: by namespace and by kind ({@code
 * allowedRoutes}).
 *
 * <p>Threads: any; immutable.
 */
public final class ListenerRules {
  /** Every namespace has it, written or not. */
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  private final Map<String, Map<String, String>> namespaceLabels = new HashMap<>();

  private ListenerRules(Collection<? extends MeshResource> resources) {
    Precedence.ordered(resources, Namespace.class, Precedence.GATEWAY_API)
        .forEach(each -> namespaceLabels.put(each.metadata().name(), each.metadata().labels()));
  }

  /** Of resources that may not be validated yet. */
  public static ListenerRules of(Collection<? extends MeshResource> resources) {
    return new ListenerRules(resources);
  }

  /** Whether routes of {@code namespace} may attach. */
  public boolean takesFrom(KubernetesGateway gateway, Listener listener, String namespace) {
    return switch (listener.allowedRoutes().from()) {
      case SAME -> namespace.equals(gateway.metadata().namespace());
      case ALL -> true;
      case NONE -> false;
      case SELECTOR -> listener.allowedRoutes().namespaces().selects(labels(namespace));
    };
  }

  private Map<String, String> labels(String namespace) {
    Map<String, String> labels = new HashMap<>(namespaceLabels.getOrDefault(namespace, Map.of()));
    labels.put(NAME_LABEL, namespace);
    return labels;
  }

  /** Whether routes of {@code kind} ({@code HTTPRoute}) may attach. */
  public static boolean takesKind(Listener listener, String kind) {
    return kinds(listener).stream().anyMatch(each -> each.kind().equals(kind));
  }

  /** What it takes: {@code supportedKinds} of its status. */
  public static List<RouteKind> kinds(Listener listener) {
    List<RouteKind> suited = suited(listener);
    List<RouteKind> asked = listener.allowedRoutes().kinds();
    return asked.isEmpty() ? suited : asked.stream().filter(suited::contains).toList();
  }

  /** Kinds that it asks for and cannot take. */
  public static List<RouteKind> unsuitedKinds(Listener listener) {
    List<RouteKind> suited = suited(listener);
    return listener.allowedRoutes().kinds().stream()
        .filter(kind -> !suited.contains(kind))
        .toList();
  }

  /** Whether listeners of two protocols can be on one port, told apart by host. */
  public static boolean sharePort(AppProtocol first, AppProtocol second) {
    boolean bothHttp = first.isHttp() && second.isHttp();
    return bothHttp || (isTls(first) && isTls(second));
  }

  /**
   * Why a listener yields to an earlier one of its Gateway.
   *
   * @param protocol it speaks another protocol on the same port; else both have one host
   */
  public record Conflict(Listener earlier, boolean protocol) {}

  /** The first of those that exclude each other is served. */
  public static Optional<Conflict> conflict(KubernetesGateway gateway, Listener listener) {
    for (Listener earlier : gateway.listeners()) {
      if (earlier == listener) {
        return Optional.empty();
      }
      boolean apart =
          earlier.port() != listener.port()
              || (earlier.protocol() == AppProtocol.UDP)
                  != (listener.protocol() == AppProtocol.UDP);
      if (!apart && !sharePort(earlier.protocol(), listener.protocol())) {
        return Optional.of(new Conflict(earlier, true));
      }
      if (!apart && earlier.hostname().equalsIgnoreCase(listener.hostname())) {
        return Optional.of(new Conflict(earlier, false));
      }
    }
    return Optional.empty();
  }

  private static boolean isTls(AppProtocol protocol) {
    return protocol == AppProtocol.HTTPS || protocol == AppProtocol.TLS;
  }

  private static List<RouteKind> suited(Listener listener) {
    return switch (listener.protocol()) {
      case HTTP, HTTPS, HTTP2, GRPC, GRPC_WEB, UNKNOWN -> kinds("HTTPRoute", "GRPCRoute");
      case TLS -> listener.terminatesTls() ? kinds("TLSRoute", "TCPRoute") : kinds("TLSRoute");
      case TCP -> kinds("TCPRoute");
      case UDP -> List.of();
    };
  }

  private static List<RouteKind> kinds(String... names) {
    return List.of(names).stream().map(name -> new RouteKind(RouteKind.GATEWAY_API, name)).toList();
  }
}
