package dev.meshctl.dataplane.upstream;

import dev.meshctl.dataplane.observe.LoopCounters;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;

/**
 * What happened at one endpoint, on one loop; counted for its cluster as well.
 *
 * <p>Thread: confined to its loop.
 */
public final class HostCounts {
  private final LoopCounters cluster;
  private long connections;
  private long connectFailures;
  private long timeouts;

  HostCounts(LoopCounters cluster) {
    this.cluster = cluster;
  }

  /** A connection was begun. */
  public void connecting() {
    connections++;
    cluster.count(Counter.UPSTREAM_CX_TOTAL);
  }

  /** It could not be made. */
  public void connectFailed() {
    connectFailures++;
    cluster.count(Counter.UPSTREAM_CX_CONNECT_FAIL);
  }

  /** A request was not answered in time. */
  public void timedOut() {
    timeouts++;
  }

  /** Ever. */
  public long connections() {
    return connections;
  }

  public long connectFailures() {
    return connectFailures;
  }

  public long timeouts() {
    return timeouts;
  }

  /** Of all endpoints of the cluster. */
  public LoopCounters cluster() {
    return cluster;
  }
}
