package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * All edges of one event loop, one {@link Edge} for each set of labels.
 *
 * <p>Thread: one event loop.
 */
public final class EdgeMeter {
  /** Beyond this, edges are no longer told apart: a client may invent host names. */
  static final int MOST_EDGES = 4096;

  private final BooleanSupplier inLoop;
  private final Map<EdgeLabels, Edge> edges = new HashMap<>();

  /**
   * @param inLoop asserted to hold at every call, for example {@code eventLoop::inEventLoop}
   */
  public EdgeMeter(BooleanSupplier inLoop) {
    this.inLoop = inLoop;
  }

  /** The edge with these labels, for keeping: the same one while the process lives. */
  public Edge edge(EdgeLabels labels) {
    assert inLoop.getAsBoolean();
    Edge edge = edges.get(labels);
    if (edge != null) {
      return edge;
    }
    EdgeLabels known = edges.size() < MOST_EDGES ? labels : others(labels);
    return edges.computeIfAbsent(known, key -> new Edge(key, inLoop));
  }

  /** What stands for edges beyond the bound: all that is not of the proxy itself is left out. */
  private static EdgeLabels others(EdgeLabels labels) {
    EdgeKey key = labels.key();
    return new EdgeLabels(
        new EdgeKey(
            labels.reporter() == EdgeLabels.Reporter.SOURCE ? key.source() : WorkloadRef.UNKNOWN,
            "other",
            labels.reporter() == EdgeLabels.Reporter.SOURCE
                ? WorkloadRef.UNKNOWN
                : key.destination(),
            key.protocol(),
            key.mtls(),
            ""),
        labels.reporter(),
        "",
        "");
  }

  /** What was counted since the last call. */
  List<EdgeDelta> drain() {
    assert inLoop.getAsBoolean();
    List<EdgeDelta> deltas = new ArrayList<>();
    edges.values().forEach(edge -> deltas.addAll(edge.drain()));
    return deltas;
  }
}
