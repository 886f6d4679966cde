package dev.meshctl.dataplane.balance;

import dev.meshctl.model.match.XxHash;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.LoadAssignment.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who may be picked now, and with what share: Envoy's priority levels, panic and locality weights.
 * Made anew when health, ejections or the assignment change, so that a pick only draws.
 *
 * <ul>
 *   <li>Priority 0 takes all the load while at least 1 / 1.4 of its hosts are healthy; what it
 *       cannot take goes to the next.
 *   <li>A priority whose healthy share is below the panic threshold uses all of its hosts but
 *       draining ones.
 *   <li>Locality weights, where the cluster wants them, count within a priority; a locality that
 *       lost hosts gives load away by the same factor of 1.4.
 * </ul>
 */
final class LoadPlan<A> {
  private static final double OVERPROVISIONING = 1.4;

  private final List<HostGroup<A>> groups = new ArrayList<>();
  private double[] bounds = new double[0];
  private boolean panic;

  /** How a cluster balances. */
  record Policy(LoadBalancing balancing, BalancingOptions options) {
    boolean byHash() {
      return switch (balancing) {
        case RING_HASH, MAGLEV -> true;
        case LEAST_REQUEST, ROUND_ROBIN, RANDOM -> false;
      };
    }
  }

  /** Hosts of one locality in the assignment. */
  record Members<A>(int priority, int weight, List<Host<A>> hosts) {
    Members {
      hosts = List.copyOf(hosts);
    }

    private List<Host<A>> healthy() {
      return hosts.stream().filter(Host::isHealthy).toList();
    }

    private List<Host<A>> notDraining() {
      return hosts.stream().filter(h -> h.endpoint().health() != Health.DRAINING).toList();
    }

    /** The share of its weight that it can take, 0 to 1. */
    private double availability() {
      return hosts.isEmpty() ? 0 : Math.min(1, OVERPROVISIONING * healthy().size() / hosts.size());
    }
  }

  LoadPlan(List<Members<A>> members, Policy policy, RandomGenerator dice) {
    TreeMap<Integer, List<Members<A>>> priorities = new TreeMap<>();
    members.stream()
        .filter(m -> !m.hosts().isEmpty())
        .forEach(m -> priorities.computeIfAbsent(m.priority(), p -> new ArrayList<>()).add(m));
    double total = 0;
    for (List<Members<A>> level : priorities.values()) {
      total += health(level);
    }
    double left = 1;
    List<Double> shares = new ArrayList<>();
    for (List<Members<A>> level : priorities.values()) {
      // Where all together cannot take everything, each takes its part of what there is.
      double takes =
          total >= 1 ? Math.min(left, health(level)) : total > 0 ? health(level) / total : 0;
      left -= takes;
      addLevel(level, takes, policy, dice, shares);
    }
    if (groups.isEmpty() && policy.options().panicPercent() > 0 && !priorities.isEmpty()) {
      // No host is healthy at all: panic uses the first priority.
      addPanic(priorities.firstEntry().getValue(), 1, policy, dice, shares);
    }
    setBounds(shares);
  }

  /** What a priority can take of the whole load, 0 to 1. */
  private static <A> double health(List<Members<A>> level) {
    long all = level.stream().mapToLong(m -> m.hosts().size()).sum();
    long healthy = level.stream().mapToLong(m -> m.healthy().size()).sum();
    return Math.min(1, OVERPROVISIONING * healthy / all);
  }

  private void addLevel(
      List<Members<A>> level,
      double takes,
      Policy policy,
      RandomGenerator dice,
      List<Double> shares) {
    if (takes <= 0) {
      return;
    }
    long all = level.stream().mapToLong(m -> m.hosts().size()).sum();
    long healthy = level.stream().mapToLong(m -> m.healthy().size()).sum();
    if (healthy * 100 < policy.options().panicPercent() * all) {
      addPanic(level, takes, policy, dice, shares);
    } else {
      addHealthy(level, takes, policy, dice, shares);
    }
  }

  private void addHealthy(
      List<Members<A>> level,
      double takes,
      Policy policy,
      RandomGenerator dice,
      List<Double> shares) {
    double sum =
        policy.options().localityWeighted()
            ? level.stream().mapToDouble(m -> m.weight() * m.availability()).sum()
            : 0;
    if (sum == 0) {
      // No weights, or none where anybody is well.
      List<Host<A>> hosts = level.stream().flatMap(m -> m.healthy().stream()).toList();
      add(hosts, takes, policy, dice, shares);
      return;
    }
    for (Members<A> locality : level) {
      double share = takes * locality.weight() * locality.availability() / sum;
      add(locality.healthy(), share, policy, dice, shares);
    }
  }

  private void addPanic(
      List<Members<A>> level,
      double takes,
      Policy policy,
      RandomGenerator dice,
      List<Double> shares) {
    panic = true;
    add(
        level.stream().flatMap(m -> m.notDraining().stream()).toList(),
        takes,
        policy,
        dice,
        shares);
  }

  private void add(
      List<Host<A>> hosts, double share, Policy policy, RandomGenerator dice, List<Double> shares) {
    if (share > 0 && !hosts.isEmpty()) {
      groups.add(new HostGroup<>(hosts, policy, dice));
      shares.add(share);
    }
  }

  private void setBounds(List<Double> shares) {
    bounds = new double[shares.size()];
    double sum = 0;
    for (int i = 0; i < bounds.length; i++) {
      sum += shares.get(i);
      bounds[i] = sum;
    }
  }

  /** Weights of hosts have changed, but nobody's health. */
  void reweigh(RandomGenerator dice) {
    groups.forEach(group -> group.reweigh(dice));
  }

  /**
   * Null where there is nobody.
   *
   * @param hash of the request, which chooses where {@code byHash}
   */
  @Nullable HostGroup<A> group(boolean byHash, long hash, RandomGenerator dice) {
    if (groups.size() == 1) {
      return groups.getFirst();
    }
    if (groups.isEmpty()) {
      return null;
    }
    // Mixed, so that the choice of the group says nothing about the choice within it.
    double lot = byHash ? (XxHash.mix(hash + 1) >>> 11) * 0x1p-53 : dice.nextDouble();
    double thrown = lot * bounds[bounds.length - 1];
    for (int i = 0; i < bounds.length - 1; i++) {
      if (thrown < bounds[i]) {
        return groups.get(i);
      }
    }
    return groups.getLast();
  }

  boolean isPanic() {
    return panic;
  }
}
