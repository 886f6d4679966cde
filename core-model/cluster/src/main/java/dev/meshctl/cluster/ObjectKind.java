package dev.meshctl.cluster;

/**
 * A kind of object in one version.
 *
 * @param apiVersion {@code v1}, or {@code GROUP/VERSION}
 * @param kind {@code Pod}
 */
public record ObjectKind(String apiVersion, String kind) {
  /** {@code ""} for the core kinds. */
  public String group() {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  /** {@code v1}, {@code v1beta1}. */
  public String version() {
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }

  /** {@code Gateway.gateway.networking.k8s.io}, {@code Pod}. */
  @Override
  public String toString() {
    return group().isEmpty() ? kind : kind + "." + group();
  }
}
