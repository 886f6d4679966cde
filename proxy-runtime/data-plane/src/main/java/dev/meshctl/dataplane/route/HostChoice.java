package dev.meshctl.dataplane.route;

import dev.meshctl.dataplane.balance.Host;
import dev.meshctl.dataplane.resilience.RetryRule;
import dev.meshctl.dataplane.upstream.ClusterState;
import dev.meshctl.dataplane.upstream.HostPools;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which host each try of an exchange goes to: the first as the balancer likes, the next ones where
 * it was not tried yet, and where the route does not forbid it.
 *
 * <p>Thread: confined to its loop.
 */
final class HostChoice {
  private final Exchange exchange;
  private final ClusterState state;
  private final RetryRule rule;

  /** Nearly always nobody. */
  private List<Host<HostPools>> tried = List.of();

  /** A bit for each. */
  private long withoutPriorities;

  HostChoice(Exchange exchange, ClusterState state, RetryRule rule) {
    this.exchange = exchange;
    this.state = state;
    this.rule = rule;
  }

  /** Null where there is none. */
  @Nullable Host<HostPools> next() {
    // The same for all tries.
    long hash = state.balancer().byHash() ? exchange.hash() : 0;
    return tried.isEmpty()
        ? state.balancer().pick(hash, exchange.targetOf().subset())
        : state
            .balancer()
            .pickOther(
                tried,
                hash,
                exchange.targetOf().subset(),
                rule.elsewhere().omitted(),
                withoutPriorities);
  }

  /**
   * A try failed, and another will follow.
   *
   * @param retry its number, from 1
   */
  void failed(@Nullable Host<HostPools> host, int retry) {
    if (host != null && !tried.contains(host)) {
      if (tried.isEmpty()) {
        tried = new ArrayList<>(2);
      }
      tried.add(host);
    }
    int every = rule.elsewhere().prioritiesEvery();
    if (every > 0 && retry % every == 0) {
      for (int i = 0; i < tried.size(); i++) {
        int priority = tried.get(i).priority();
        withoutPriorities |= priority < Long.SIZE ? 1L << priority : 0;
      }
    }
  }
}
