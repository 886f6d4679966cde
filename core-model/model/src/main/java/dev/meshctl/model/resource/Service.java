package dev.meshctl.model.resource;

import java.util.List;
import java.util.Map;

/** Kubernetes {@code v1/Service}. */
public record Service(
    Metadata metadata,
    Type type,
    Map<String, String> selector,
    List<Port> ports,
    boolean headless,
    String externalName,
    SessionAffinity sessionAffinity)
    implements MeshResource {
  public Service {
    selector = Map.copyOf(selector);
    ports = List.copyOf(ports);
  }

  @Override
  public String kind() {
    return "Service";
  }

  /** {@code spec.type}. {@code externalName} is empty unless the type is {@link #EXTERNAL_NAME}. */
  public enum Type {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_NAME
  }

  /** {@code spec.sessionAffinity}. */
  public enum SessionAffinity {
    NONE,
    CLIENT_IP
  }

  /** {@code spec.ports[]}; {@code name} may be empty, {@code nodePort} is 0 when not asked for. */
  public record Port(
      String name, int port, PortRef targetPort, int nodePort, AppProtocol protocol) {}
}
