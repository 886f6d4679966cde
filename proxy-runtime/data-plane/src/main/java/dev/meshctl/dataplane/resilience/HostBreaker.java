package dev.meshctl.dataplane.resilience;

/**
 * Counts the connections to one host, below the breaker of its cluster.
 *
 * <p>Thread: one event loop.
 */
public final class HostBreaker implements ConnectionAllowance {
  private final CircuitBreaker cluster;
  private int connections;

  HostBreaker(CircuitBreaker cluster) {
    this.cluster = cluster;
  }

  @Override
  public boolean tryConnection() {
    if (!hasRoom() || !cluster.tryConnection()) {
      return false;
    }
    connections++;
    return true;
  }

  /** For a connection that the cluster has counted already; false where the host has enough. */
  public boolean tryCounted() {
    if (!hasRoom()) {
      return false;
    }
    connections++;
    return true;
  }

  private boolean hasRoom() {
    if (connections < cluster.maxHostConnections()) {
      return true;
    }
    cluster.hostOverflow();
    return false;
  }

  public void countedClosed() {
    connections--;
  }

  @Override
  public void connectionAnyway() {
    cluster.connectionAnyway();
    connections++;
  }

  @Override
  public void connectionClosed() {
    cluster.connectionClosed();
    connections--;
  }

  @Override
  public boolean tryPending() {
    return cluster.tryPending();
  }

  @Override
  public void pendingEnded() {
    cluster.pendingEnded();
  }

  @Override
  public boolean pendingOpen() {
    return cluster.pendingOpen();
  }

  int connections() {
    return connections;
  }
}
