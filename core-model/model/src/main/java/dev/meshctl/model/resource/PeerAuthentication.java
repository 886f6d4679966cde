package dev.meshctl.model.resource;

import java.util.Map;

/** Istio {@code security.istio.io/PeerAuthentication}. An empty selector is the whole namespace. */
public record PeerAuthentication(
    Metadata metadata, Map<String, String> selector, Mode mode, Map<Integer, Mode> portLevelModes)
    implements MeshResource {
  public PeerAuthentication {
    selector = Map.copyOf(selector);
    portLevelModes = Map.copyOf(portLevelModes);
  }

  @Override
  public String kind() {
    return "PeerAuthentication";
  }

  /** {@code mtls.mode}; {@code UNSET} inherits. */
  public enum Mode {
    UNSET,
    DISABLE,
    PERMISSIVE,
    STRICT
  }
}
