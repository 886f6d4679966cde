package dev.meshctl.dataplane.balance;

import dev.meshctl.model.xds.BalancingOptions.LatencyOptions;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Hosts among which the balancer's policy chooses: those of one priority, or of one locality where
 * localities carry weights.
 */
final class HostGroup<A> {
  private final Host<A>[] hosts;
  private final Choice choice;

  /**
   * @param usable that may be chosen, at least one
   * @param all of them and those that may not now, which keep their places in tables of hashes
   */
  @SuppressWarnings({"unchecked", "rawtypes"})
  HostGroup(
      List<Host<A>> usable,
      List<Host<A>> all,
      LoadPlan.Policy policy,
      HashTables tables,
      RandomGenerator dice) {
    this.hosts = (policy.byHash() && usable.size() > 1 ? all : usable).toArray(new Host[0]);
    this.choice =
        switch (policy.balancing()) {
          case LEAST_REQUEST -> new Choice.LeastRequest(policy.options().choiceCount());
          case ROUND_ROBIN -> new Choice.RoundRobin();
          case PEAK_EWMA ->
              new Choice.LeastLatency(policy.options().latency().orElse(LatencyOptions.DEFAULT));
          case RANDOM -> new Choice.Random();
          case RING_HASH, MAGLEV ->
              hosts.length > 1
                  ? new Choice.ByHash(tables.of(hosts, policy), usable(usable))
                  : new Choice.Random();
        };
    if (this.hosts.length > 1) {
      choice.reset(this.hosts, dice);
    }
  }

  private boolean[] usable(List<Host<A>> some) {
    Map<Host<A>, Boolean> known = new IdentityHashMap<>();
    some.forEach(host -> known.put(host, true));
    boolean[] usable = new boolean[hosts.length];
    for (int i = 0; i < usable.length; i++) {
      usable[i] = known.containsKey(hosts[i]);
    }
    return usable;
  }

  Host<A> pick(long hash, RandomGenerator dice) {
    return hosts.length == 1 ? hosts[0] : hosts[choice.next(hosts, hash, dice)];
  }

  /** Weights have changed. */
  void reweigh(RandomGenerator dice) {
    if (hosts.length > 1) {
      choice.reset(hosts, dice);
    }
  }
}
