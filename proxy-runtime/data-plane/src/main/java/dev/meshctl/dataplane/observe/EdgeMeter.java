package dev.meshctl.dataplane.observe;

import dev.meshctl.model.telemetry.EdgeKey;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * All edges of one event loop, one {@link Edge} for each set of labels.
 *
 * <p>Thread: one event loop.
 */
public final class EdgeMeter {
  /** Beyond this, edges are no longer told apart: a client may invent host names. */
  static final int MOST_EDGES = 4096;

  /** Silent for so many drains, an edge gives its memory back: about ten minutes. */
  static final int MOST_IDLE_DRAINS = 600;

  private final BooleanSupplier inLoop;
  private final Map<EdgeLabels, Edge> edges = new HashMap<>();
  private final Set<Edge> drained = new LinkedHashSet<>();

  /**
   * @param inLoop asserted to hold at every call, for example {@code eventLoop::inEventLoop}
   */
  public EdgeMeter(BooleanSupplier inLoop) {
    this.inLoop = inLoop;
  }

  /** The edge with these labels, for keeping: it counts however long it is kept. */
  public Edge edge(EdgeLabels labels) {
    assert inLoop.getAsBoolean();
    Edge edge = edges.get(labels);
    if (edge != null) {
      return edge;
    }
    EdgeLabels known = edges.size() < MOST_EDGES ? labels : others(labels);
    return edges.computeIfAbsent(known, this::open);
  }

  private Edge open(EdgeLabels labels) {
    Edge edge = new Edge(labels, this, inLoop);
    drained.add(edge);
    return edge;
  }

  /** An edge that was retired is used again; another may have its labels by now. */
  void revive(Edge edge) {
    drained.add(edge);
    edges.putIfAbsent(edge.labels(), edge);
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
    for (Iterator<Edge> all = drained.iterator(); all.hasNext(); ) {
      Edge edge = all.next();
      deltas.addAll(edge.drain());
      if (edge.idleDrains() >= MOST_IDLE_DRAINS) {
        all.remove();
        edges.remove(edge.labels(), edge);
        edge.retire();
      }
    }
    return deltas;
  }
}
