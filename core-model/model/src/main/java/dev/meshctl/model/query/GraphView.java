package dev.meshctl.model.query;

import java.util.List;

/**
 * The service graph as asked for at one moment ({@code GET /api/v1/graph}).
 *
 * @param windowMillis over which rates are means
 */
public record GraphView(long atEpochMillis, long windowMillis, List<Node> nodes, List<Edge> edges) {
  public GraphView {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /** What a node stands for. */
  public enum NodeKind {
    GATEWAY,
    SERVICE,
    /** One version of a workload behind a service. */
    WORKLOAD,
    EXTERNAL,
    UNKNOWN
  }

  /**
   * @param id unique in the graph, {@code workload:default/reviews-v1} or {@code
   *     service:default/reviews}
   * @param ready replicas that serve, of {@code replicas}
   */
  public record Node(
      String id,
      NodeKind kind,
      String namespace,
      String name,
      String app,
      String version,
      int ready,
      int replicas) {}

  /**
   * @param expected configuration allows it
   * @param observed telemetry saw it in the window
   * @param weightPercent desired share of the split where there is one, else -1
   * @param observedPercent measured share of all requests to the same service, else -1
   * @param mtls share of requests over mTLS, 0 to 1
   */
  public record Edge(
      String source,
      String destination,
      String service,
      String protocol,
      boolean expected,
      boolean observed,
      double weightPercent,
      double observedPercent,
      long requests,
      long errors,
      double requestsPerSecond,
      double p50Ms,
      double p90Ms,
      double p99Ms,
      double mtls) {}
}
