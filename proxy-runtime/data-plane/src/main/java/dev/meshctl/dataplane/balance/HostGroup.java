package dev.meshctl.dataplane.balance;

import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
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
  HostGroup(List<Host<A>> hosts, LoadBalancing policy, RandomGenerator dice) {
    this.hosts = hosts.toArray(new Host[0]);
    this.choice =
        switch (policy) {
          case LEAST_REQUEST -> new Choice.LeastRequest();
          case ROUND_ROBIN -> new Choice.RoundRobin();
          case RANDOM -> new Choice.Random();
        };
    choice.reset(this.hosts, dice);
  }

  Host<A> pick(RandomGenerator dice) {
    return hosts.length == 1 ? hosts[0] : hosts[choice.next(hosts, dice)];
  }

  Host<A>[] hosts() {
    return hosts;
  }
}
