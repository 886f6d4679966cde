package dev.meshctl.model.xds;

import java.time.Duration;
import java.util.List;

/**
 * {@code envoy.filters.http.admission_control}: the more requests have failed, the fewer are let
 * through.
 *
 * @param enabled false lets all pass
 * @param httpSuccess statuses that are no failure; empty is all below 500
 * @param grpcSuccess gRPC statuses that are no failure; empty is Envoy's list
 * @param window over which success is counted, 1 s or longer
 * @param aggression 1 or more: how soon requests are refused as success falls
 * @param thresholdPercent of success from which nothing is refused, above 0 to 100
 * @param minRequestsPerSecond below which nothing is refused
 * @param maxRejectionPercent the largest share that is refused, 0 to 100
 */
public record AdmissionControl(
    boolean enabled,
    List<StatusRange> httpSuccess,
    List<Integer> grpcSuccess,
    Duration window,
    double aggression,
    double thresholdPercent,
    int minRequestsPerSecond,
    double maxRejectionPercent) {
  public AdmissionControl {
    httpSuccess = List.copyOf(httpSuccess);
    grpcSuccess = List.copyOf(grpcSuccess);
  }

  /** From {@code first} to before {@code end}. */
  public record StatusRange(int first, int end) {
    public boolean holds(int status) {
      return status >= first && status < end;
    }
  }
}
