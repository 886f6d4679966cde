package dev.meshctl.model.resource;

/** Gateway API {@code GatewayClass}. */
public record GatewayClass(Metadata metadata, String controllerName) implements MeshResource {
  /** The controller whose classes are ours. */
  public static final String OUR_CONTROLLER = "meshctl.dev/gateway-controller";

  @Override
  public String kind() {
    return "GatewayClass";
  }
}
