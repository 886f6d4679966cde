package dev.meshctl.model.resource;

import java.util.Map;

/** Kubernetes {@code v1/ConfigMap}: its texts. */
public record ConfigMap(Metadata metadata, Map<String, String> data) implements MeshResource {
  /** Where authorities stand. */
  public static final String AUTHORITIES = "ca.crt";

  public ConfigMap {
    data = Map.copyOf(data);
  }

  @Override
  public String kind() {
    return "ConfigMap";
  }

  /** Who may have signed somebody, in PEM; empty where it says nothing of that. */
  public String authoritiesPem() {
    return data.getOrDefault(AUTHORITIES, "");
  }

  /** Without its texts, which may be long. */
  @Override
  public String toString() {
    return "ConfigMap[metadata=" + metadata + ", data=" + data.keySet() + "]";
  }
}
