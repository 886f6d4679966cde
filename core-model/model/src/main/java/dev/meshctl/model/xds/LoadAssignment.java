package dev.meshctl.model.xds;

import java.util.List;

/**
 * {@code envoy.config.endpoint.v3.ClusterLoadAssignment}.
 *
 * @param overprovisioning {@code overprovisioning_factor} in percent, 0 for the usual {@value
 *     #USUAL_OVERPROVISIONING}: a priority or locality gives load away once its healthy share times
 *     this is below 100
 */
public record LoadAssignment(String name, List<LocalityEndpoints> localities, int overprovisioning)
    implements XdsResource {
  public static final int USUAL_OVERPROVISIONING = 140;

  public LoadAssignment {
    localities = List.copyOf(localities);
  }

  public LoadAssignment(String name, List<LocalityEndpoints> localities) {
    this(name, localities, 0);
  }

  /** What health counts for, as a factor. */
  public double overprovisioningFactor() {
    return (overprovisioning == 0 ? USUAL_OVERPROVISIONING : overprovisioning) / 100.0;
  }

  /** Endpoints of one locality; {@code priority} 0 is used first; {@code weight} 0 is unset. */
  public record LocalityEndpoints(
      Locality locality, int priority, int weight, List<Endpoint> endpoints) {
    public LocalityEndpoints {
      endpoints = List.copyOf(endpoints);
    }
  }

  public record Locality(String region, String zone, String subZone) {
    public static final Locality NONE = new Locality("", "", "");
  }

  /**
   * One endpoint; {@code weight} is at least 1.
   *
   * @param meshTls speaks the mesh's mTLS ({@code transport_socket_match: tlsMode: istio})
   * @param workload what stands behind it, for telemetry ({@code
   *     filter_metadata["istio"].workload})
   * @param hostname by which the endpoint is called, may be empty
   * @param labels by which subsets choose it
   */
  public record Endpoint(
      SocketEndpoint address,
      Health health,
      int weight,
      boolean meshTls,
      WorkloadRef workload,
      String hostname,
      Labels labels) {
    public Endpoint(
        SocketEndpoint address,
        Health health,
        int weight,
        boolean meshTls,
        WorkloadRef workload,
        String hostname) {
      this(address, health, weight, meshTls, workload, hostname, Labels.NONE);
    }

    public Endpoint(
        SocketEndpoint address, Health health, int weight, boolean meshTls, WorkloadRef workload) {
      this(address, health, weight, meshTls, workload, "");
    }
  }

  public enum Health {
    HEALTHY,
    UNHEALTHY,
    DRAINING
  }

  /** A workload as telemetry names it; empty strings where unknown. */
  public record WorkloadRef(String name, String namespace, String app, String version) {
    public static final WorkloadRef UNKNOWN = new WorkloadRef("", "", "", "");
  }
}
