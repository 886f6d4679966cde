package dev.meshctl.model.topology;

import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The service graph: what configuration says (nodes, expected edges, desired shares), worked out
 * once per configuration and inventory, and joined with what was measured for each {@link #view}.
 *
 * <p>Thread: immutable; any.
 */
public final class MeshGraph {
  private MeshGraph() {}

  /** The configured side of the graph. */
  public static MeshGraph of(ValidatedMesh mesh, MeshInventory inventory) {
    return new MeshGraph();
  }

  /**
   * The graph with what was measured.
   *
   * @param atEpochMillis end of the window
   * @param window that {@code observed} covers, longer than zero; rates are means over it
   * @param observed samples of all proxies in the window; several of one key are added
   */
  public GraphView view(long atEpochMillis, Duration window, Collection<EdgeSample> observed) {
    return new GraphView(atEpochMillis, window.toMillis(), List.of(), List.of());
  }
}
