package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.LatencyHistogram;
import java.util.List;

/**
 * What one loop counted on one edge since it was last asked.
 *
 * @param cells counts by kind of answer
 * @param opened TCP connections
 * @param closed TCP connections
 * @param received bytes from the client on TCP connections
 * @param sent bytes to the client on TCP connections
 */
record EdgeDelta(
    EdgeLabels labels, List<Cell> cells, long opened, long closed, long received, long sent) {

  /** One kind of answer. */
  record Cell(
      Answer answer,
      long count,
      LatencyHistogram.Counts latency,
      SizeHistogram requestSizes,
      SizeHistogram responseSizes) {}

  /**
   * @param status 0 for none
   * @param grpcStatus -1 for none
   * @param flags bits of {@link ResponseFlag}
   */
  record Answer(int status, int grpcStatus, long flags) {}
}
