package dev.meshctl.model.resource;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * {@code metadata} of any object. Labels and annotations keep their order.
 *
 * @param created {@code creationTimestamp}, in whole seconds; empty where no API server has set it,
 *     as in a folder
 */
public record Metadata(
    String namespace,
    String name,
    Map<String, String> labels,
    Map<String, String> annotations,
    Optional<Instant> created) {
  public Metadata {
    labels = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(labels));
    annotations = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(annotations));
  }

  /** Of an object that no API server has seen. */
  public Metadata(
      String namespace, String name, Map<String, String> labels, Map<String, String> annotations) {
    this(namespace, name, labels, annotations, Optional.empty());
  }
}
