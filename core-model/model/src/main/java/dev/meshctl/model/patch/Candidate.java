package dev.meshctl.model.patch;

import dev.meshctl.model.xds.ProxyNode;
import java.util.Map;

/**
 * A connected proxy that can replace its runtime: it said what it runs.
 *
 * @param id of the node
 * @param workload in its namespace
 * @param instance of the workload: on a cluster the name of the pod
 * @param node where it runs; empty where nobody knows
 * @param labels of the instance
 * @param running what serves
 * @param roomBytes of memory that its container's limit leaves; {@link RuntimeReport#UNLIMITED}
 *     where there is none
 */
public record Candidate(
    String id,
    String namespace,
    String workload,
    String instance,
    String node,
    Map<String, String> labels,
    RunningRuntime running,
    long roomBytes) {
  public Candidate {
    labels = Map.copyOf(labels);
  }

  /**
   * The proxy that reported.
   *
   * @param place the node where it runs; empty where nobody knows
   */
  public static Candidate of(ProxyNode node, String place, RuntimeReport report) {
    return new Candidate(
        node.id(),
        node.namespace(),
        node.workload(),
        node.instance(),
        place,
        node.labels(),
        new RunningRuntime(report.runningVersion(), report.runningDigest()),
        report.roomBytes());
  }

  /** Whether a second process that needs so much can run beside the one that serves. */
  boolean hasRoom(long bytes) {
    return roomBytes == RuntimeReport.UNLIMITED || roomBytes >= bytes;
  }
}
