package dev.meshctl.dataplane.resilience;

import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.RetryBudget;
import org.jspecify.annotations.Nullable;

/**
 * Counts what one event loop has open towards a cluster and refuses more than its share of the
 * limits. Each {@code try…} that says yes is given back once by its counterpart. Closed = traffic
 * flows.
 *
 * <p>Retries are bounded by the budget where there is one, else by {@code maxRetries}; where that
 * is practically unbounded, by a budget of a fifth of the active requests, but at least {@value
 * #LEAST_RETRIES} at a time, so that a failing service is never hit by a multiple of its load.
 *
 * <p>Thread: one event loop.
 */
public final class CircuitBreaker implements ConnectionAllowance {
  private static final int LEAST_RETRIES = 3;
  private static final RetryBudget OWN_BUDGET = new RetryBudget(20, LEAST_RETRIES);

  private int maxConnections;
  private int maxPending;
  private int maxRequests;
  private int maxRetries;
  private int maxHostConnections;
  private @Nullable RetryBudget budget;
  private int leastRetries;

  private int connections;
  private int pending;
  private int requests;
  private int retries;
  private long connectionOverflows;
  private long requestOverflows;
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
    int ofHost = limits.maxHostConnections();
    maxHostConnections = ofHost == 0 ? Integer.MAX_VALUE : share(ofHost, loops);
    budget =
        limits.retryBudget().orElse(limits.maxRetries() == Integer.MAX_VALUE ? OWN_BUDGET : null);
    RetryBudget own = budget;
    leastRetries = own == null ? 0 : share(own.minConcurrency(), loops);
  }

  private static int share(int limit, int loops) {
    return Math.ceilDiv(limit, loops);
  }

  /** For one host of the cluster. */
  public HostBreaker ofHost() {
    return new HostBreaker(this);
  }

  int maxHostConnections() {
    return maxHostConnections;
  }

  void hostOverflow() {
    connectionOverflows++;
  }

  @Override
  public boolean tryConnection() {
    if (connections >= maxConnections) {
      connectionOverflows++;
      return false;
    }
    connections++;
    return true;
  }

  @Override
  public void connectionAnyway() {
    connections++;
  }

  @Override
  public void connectionClosed() {
    connections = less(connections);
  }

  @Override
  public boolean tryPending() {
    if (pending >= maxPending) {
      requestOverflows++;
      return false;
    }
    pending++;
    return true;
  }

  @Override
  public void pendingEnded() {
    pending = less(pending);
  }

  public boolean tryRequest() {
    if (requests >= maxRequests) {
      requestOverflows++;
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
    if (retries >= retryLimit()) {
      retryOverflows++;
      return false;
    }
    retries++;
    return true;
  }

  private int retryLimit() {
    RetryBudget of = budget;
    return of == null ? maxRetries : Math.max(leastRetries, (int) (requests * of.percent() / 100));
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
    return requestOverflows + connectionOverflows;
  }

  /** Connections refused. */
  public long connectionOverflows() {
    return connectionOverflows;
  }

  /** Requests refused, under way or waiting for a connection. */
  public long requestOverflows() {
    return requestOverflows;
  }

  /** No connection more is let through now. */
  public boolean connectionsOpen() {
    return connections >= maxConnections;
  }

  @Override
  public boolean pendingOpen() {
    return pending >= maxPending;
  }

  /** No retry is let through now. */
  public boolean retriesOpen() {
    return retries >= retryLimit();
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
