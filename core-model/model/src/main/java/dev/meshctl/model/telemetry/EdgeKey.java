package dev.meshctl.model.telemetry;

import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;

/**
 * Who called whom, how: the key of one edge's counts. The reporter is the calling side (sidecar
 * outbound or gateway), which knows its own workload and learns the other from the endpoint.
 *
 * @param destinationService fully qualified host, or the host as requested where unknown
 * @param route name of the route that was taken, may be empty
 */
public record EdgeKey(
    WorkloadRef source,
    String destinationService,
    WorkloadRef destination,
    Protocol protocol,
    boolean mtls,
    String route) {

  /** {@code request_protocol} of the standard metrics. */
  public enum Protocol {
    HTTP1,
    HTTP2,
    GRPC,
    TCP
  }
}
