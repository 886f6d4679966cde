package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.EdgeKey;

/**
 * What one edge's metrics are labelled with.
 *
 * @param sourcePrincipal SPIFFE identity of the caller, empty where there is none
 * @param destinationPrincipal of the called, empty where there is none
 */
public record EdgeLabels(
    EdgeKey key, Reporter reporter, String sourcePrincipal, String destinationPrincipal) {

  /** Which side of the edge reports it. */
  public enum Reporter {
    /** The calling side: its counts become telemetry. */
    SOURCE,
    /** The called side: its counts are for Prometheus only. */
    DESTINATION
  }
}
