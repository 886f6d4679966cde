package dev.meshctl.model.resource;

import java.util.List;

/** Gateway API {@code gateway.networking.k8s.io/Gateway}. */
public record KubernetesGateway(
    Metadata metadata, String gatewayClassName, List<Listener> listeners) implements MeshResource {
  public KubernetesGateway {
    listeners = List.copyOf(listeners);
  }

  @Override
  public String kind() {
    return "Gateway.gateway.networking.k8s.io";
  }

  /** {@code listeners[]}; an empty host name is any. */
  public record Listener(
      String name, int port, AppProtocol protocol, String hostname, AllowedRoutes allowedRoutes) {}

  /** {@code allowedRoutes.namespaces.from}. */
  public enum AllowedRoutes {
    SAME,
    ALL
  }
}
