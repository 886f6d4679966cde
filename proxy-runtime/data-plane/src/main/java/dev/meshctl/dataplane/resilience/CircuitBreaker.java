package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;

/**
 * Counts what one event loop has open towards a cluster and refuses more than its share of the
 * limits. Each {@code try…} that says yes is given back once by its counterpart. Closed = traffic
 * flows.
 *
 * <p>Retries are bounded twice: by {@code maxRetries}, and by a budget of a fifth of the active
 * requests, but at least {@value #LEAST_RETRIES} at a time, so that a failing service is never hit
 * by a multiple of its load.
 *
 * <p>Thread: one event loop.
 */
public final class CircuitBreaker {
  private static final int BUDGET_PERCENT = 20;
  private static final int LEAST_RETRIES = 3;

  private int maxConnections;
  private int maxPending;
  private int maxRequests;
  private int maxRetries;

  private int connections;
  private int pending;
  private int requests;
  private int retries;
  private long overflows;
  private long retryOverflows;

  /**
   * @param limits of the proxy
   * @param loops that share them, at least 1; a share is rounded up
   */
  public CircuitBreaker(CircuitBreakers limits, int loops) {
    update(limits, loops);
  }

  /** New limits; what is open stays open. */
  public void update(CircuitBreakers limits, int loops) {
    maxConnections = share(limits.maxConnections(), loops);
    maxPending = share(limits.maxPendingRequests(), loops);
    maxRequests = share(limits.maxRequests(), loops);
    maxRetries = share(limits.maxRetries(), loops);
  }

  private static int share(int limit, int loops) {
    return Math.ceilDiv(limit, loops);
  }

  public boolean tryConnection() {
    if (connections >= maxConnections) {
      overflows++;
      return false;
    }
    connections++;
    return true;
  }

  public void connectionClosed() {
    connections = less(connections);
  }

  /** For a request that waits for a connection. */
  public boolean tryPending() {
    if (pending >= maxPending) {
      overflows++;
      return false;
    }
    pending++;
    return true;
  }

  public void pendingEnded() {
    pending = less(pending);
  }

  public boolean tryRequest() {
    if (requests >= maxRequests) {
      overflows++;
      return false;
    }
    requests++;
    return true;
  }

  public void requestEnded() {
    requests = less(requests);
  }

  /** For a retry, beside the request that it belongs to. */
  public boolean tryRetry() {
    int budget = Math.max(LEAST_RETRIES, (int) ((long) requests * BUDGET_PERCENT / 100));
    if (retries >= Math.min(maxRetries, budget)) {
      retryOverflows++;
      return false;
    }
    retries++;
    return true;
  }

  public void retryEnded() {
    retries = less(retries);
  }

  private static int less(int count) {
    if (count <= 0) {
      throw new IllegalStateException("count: " + count + " (expected: >= 1 to give back)");
    }
    return count - 1;
  }

  public int connections() {
    return connections;
  }

  public int pending() {
    return pending;
  }

  public int requests() {
    return requests;
  }

  public int retries() {
    return retries;
  }

  /** Connections and requests refused. */
  public long overflows() {
    return overflows;
  }

  /** Retries refused, by limit or budget. */
  public long retryOverflows() {
    return retryOverflows;
  }

  /** No request would be let through now. */
  public boolean open() {
    return requests >= maxRequests;
  }
}
