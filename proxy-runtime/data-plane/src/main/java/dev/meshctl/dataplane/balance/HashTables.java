package dev.meshctl.dataplane.balance;

import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables of one balancer, kept from plan to plan as long as hosts and weights stay.
 *
 * <p>Thread: one event loop.
 */
final class HashTables {
  private Map<Key, HashTable> before = Map.of();
  private Map<Key, HashTable> now = new HashMap<>();
  private long made;

  private record Key(
      LoadBalancing policy, BalancingOptions options, List<Host<?>> hosts, List<Long> weights) {}

  /** A new plan begins: what the last one did not ask for is let go. */
  void begin() {
    before = now;
    now = new HashMap<>();
  }

  /**
   * The table of {@code hosts}, well or not.
   *
   * @param hosts copied
   */
  HashTable of(Host<?>[] hosts, LoadPlan.Policy policy) {
    Key key =
        new Key(
            policy.balancing(),
            policy.options(),
            List.of(hosts),
            Arrays.stream(hosts).map(Host::drawWeight).toList());
    HashTable table = before.get(key);
    if (table == null) {
      table = make(hosts, policy);
    }
    now.put(key, table);
    return table;
  }

  private HashTable make(Host<?>[] hosts, LoadPlan.Policy policy) {
    made++;
    String[] names = Arrays.stream(hosts).map(Host::toString).toArray(String[]::new);
    long[] weights = Arrays.stream(hosts).mapToLong(Host::drawWeight).toArray();
    return policy.balancing() == LoadBalancing.MAGLEV
        ? new MaglevTable(names, weights, policy.options().maglevTableSize())
        : new HashRing(
            names, weights, policy.options().minRingSize(), policy.options().maxRingSize());
  }

  /** Tables made so far. */
  long made() {
    return made;
  }
}
