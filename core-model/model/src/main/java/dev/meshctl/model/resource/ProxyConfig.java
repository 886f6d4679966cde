package dev.meshctl.model.resource;

import java.util.Map;
import java.util.Optional;

/**
 * Istio {@code networking.istio.io/ProxyConfig}: how proxies are started. Read and checked; nothing
 * of it is applied yet.
 *
 * @param selector labels of the workloads that are meant; empty is the whole namespace
 * @param concurrency threads; 0 is all cores
 * @param imageType {@code default}, {@code debug} or {@code distroless}; empty where not written
 */
public record ProxyConfig(
    Metadata metadata,
    Map<String, String> selector,
    Optional<Integer> concurrency,
    Map<String, String> environment,
    String imageType)
    implements MeshResource {
  public ProxyConfig {
    selector = Map.copyOf(selector);
    environment = Map.copyOf(environment);
  }

  @Override
  public String kind() {
    return "ProxyConfig";
  }
}
