package dev.meshctl.dataplane.balance;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Hosts among which the balancer's policy chooses: those of one priority, or of one locality where
 * localities carry weights.
 */
final class HostGroup<A> {
  private final Host<A>[] hosts;
  private final Choice choice;

  @SuppressWarnings({"unchecked", "rawtypes"})
  HostGroup(List<Host<A>> hosts, LoadPlan.Policy policy, RandomGenerator dice) {
    this.hosts = hosts.toArray(new Host[0]);
    this.choice =
        switch (policy.balancing()) {
          case LEAST_REQUEST -> new Choice.LeastRequest(policy.options().choiceCount());
          case ROUND_ROBIN -> new Choice.RoundRobin();
          case RANDOM -> new Choice.Random();
          case RING_HASH ->
              new Choice.Ring(policy.options().minRingSize(), policy.options().maxRingSize());
          case MAGLEV -> new Choice.Maglev(policy.options().maglevTableSize());
        };
    if (this.hosts.length > 1) {
      choice.reset(this.hosts, dice);
    }
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
