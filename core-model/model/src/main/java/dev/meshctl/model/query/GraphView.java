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
   * @param received of the requests that came to it in the window; of those that it made, for a
   *     gateway
   */
  public record Node(
      String id,
      NodeKind kind,
      String namespace,
      String name,
      String app,
      String version,
      int ready,
      int replicas,
      Signals received) {}

  /**
   * Golden signals over the window.
   *
   * @param mtls share of requests over mTLS, 0 to 1
   */
  public record Signals(
      long requests,
      long errors,
      double requestsPerSecond,
      double p50Ms,
      double p90Ms,
      double p99Ms,
      double mtls) {
    public static final Signals NONE = new Signals(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Callers (workloads, gateways) point at services, services at the workloads behind them; so the
   * edges that leave a service are the parts of its split. There is at most one edge for each of
   * {@code tcp} and everything else between two nodes.
   *
   * @param protocol the most used of {@code http}, {@code http2}, {@code grpc}, {@code tcp}; the
   *     configured one while nothing was seen
   * @param expected configuration allows it
   * @param observed telemetry saw it in the window
   * @param weightPercent desired share of the split where there is one, else -1
   * @param observedPercent measured share of all requests to the same service, or to the same
   *     split, else -1
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
