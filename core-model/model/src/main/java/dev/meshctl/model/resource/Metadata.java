package dev.meshctl.model.resource;

import java.util.Map;

/** {@code metadata} of any object. Labels and annotations keep their order. */
public record Metadata(
    String namespace, String name, Map<String, String> labels, Map<String, String> annotations) {
  public Metadata {
    labels = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(labels));
    annotations = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(annotations));
  }
}
