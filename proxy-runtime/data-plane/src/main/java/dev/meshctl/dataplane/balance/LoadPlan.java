package dev.meshctl.dataplane.balance;

import dev.meshctl.model.match.XxHash;
import dev.meshctl.model.xds.BalancingOptions;
import dev.meshctl.model.xds.BalancingOptions.ZoneAware;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.LoadAssignment.Health;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may be picked now, and with what share: Envoy's priority levels, panic and locality weights.
 * Made anew when health, ejections or the assignment change, so that a pick only draws.
 *
 * <ul>
 *   <li>{@link PriorityLoad} spreads the load over priorities and says which of them panic: those
 *       use all of their hosts but draining ones.
 *   <li>Locality weights, where the cluster wants them, count within a priority; a locality that
 *       lost hosts gives load away by the same overprovisioning factor.
 *   <li>Else {@link ZoneShares} prefers the own zone, where the cluster wants that.
 * </ul>
 */
final class LoadPlan<A> {
  private static final double NEGLIGIBLE = 1e-9;

  private final Policy policy;
  private final HashTables tables;
  private final RandomGenerator dice;
  private final List<HostGroup<A>> groups = new ArrayList<>();
  private final List<Double> shares = new ArrayList<>();
  private double[] bounds = new double[0];
  private boolean panic;

  /**
   * How a cluster balances.
   *
   * @param overprovisioning factor by which health counts
   * @param zone where this proxy stands, as far as that counts
   */
  record Policy(
      LoadBalancing balancing,
      BalancingOptions options,
      double overprovisioning,
      Optional<LocalZone> zone) {
    Policy with(BalancingOptions other) {
      return new Policy(balancing, other, overprovisioning, zone);
    }

    boolean byHash() {
      return switch (balancing) {
        case RING_HASH, MAGLEV -> true;
        case LEAST_REQUEST, ROUND_ROBIN, RANDOM, PEAK_EWMA -> false;
      };
    }
  }

  /** Hosts of one locality in the assignment. */
  record Members<A>(Locality locality, int priority, int weight, List<Host<A>> hosts) {
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
    private double availability(double factor) {
      return hosts.isEmpty() ? 0 : Math.min(1, factor * healthy().size() / hosts.size());
    }
  }

  LoadPlan(List<Members<A>> members, Policy policy, HashTables tables, RandomGenerator dice) {
    this.policy = policy;
    this.tables = tables;
    this.dice = dice;
    TreeMap<Integer, List<Members<A>>> priorities = new TreeMap<>();
    members.stream()
        .filter(m -> !m.hosts().isEmpty())
        .forEach(m -> priorities.computeIfAbsent(m.priority(), p -> new ArrayList<>()).add(m));
    List<PriorityLoad.Level> levels =
        priorities.values().stream()
            .map(level ->
                new PriorityLoad.Level(
                    level.stream().mapToInt(m -> m.hosts().size()).sum(),
                    level.stream().mapToInt(m -> m.healthy().size()).sum()))
            .toList();
    PriorityLoad load =
        PriorityLoad.of(levels, policy.overprovisioning(), policy.options().panicPercent());
    int at = 0;
    for (Map.Entry<Integer, List<Members<A>>> level : priorities.entrySet()) {
      double takes = load.shares().get(at);
      if (load.panics().get(at)) {
        addPanic(level.getValue(), takes);
      } else if (!addZones(level.getKey(), level.getValue(), takes)) {
        addHealthy(level.getValue(), takes);
      }
      at++;
    }
    setBounds();
  }

  private void addHealthy(List<Members<A>> level, double takes) {
    double factor = policy.overprovisioning();
    double sum =
        policy.options().localityWeighted()
            ? level.stream().mapToDouble(m -> m.weight() * m.availability(factor)).sum()
            : 0;
    if (sum == 0) {
      // No weights, or none where anybody is well.
      add(healthy(level), all(level), takes);
      return;
    }
    for (Members<A> locality : level) {
      double share = takes * locality.weight() * locality.availability(factor) / sum;
      add(locality.healthy(), locality.hosts(), share);
    }
  }

  private static <A> List<Host<A>> healthy(List<Members<A>> level) {
    return level.stream().flatMap(m -> m.healthy().stream()).toList();
  }

  private static <A> List<Host<A>> all(List<Members<A>> level) {
    return level.stream().flatMap(m -> m.hosts().stream()).toList();
  }

  /** By zones, where they count; false where they do not. */
  private boolean addZones(int priority, List<Members<A>> level, double takes) {
    Optional<ZoneAware> rule = policy.options().zoneAware();
    List<Host<A>> everybody = healthy(level);
    if (priority > 0
        || rule.isEmpty()
        || policy.zone().isEmpty()
        || policy.options().localityWeighted()
        || everybody.size() < rule.get().minClusterSize()) {
      return false;
    }
    LocalZone home = policy.zone().get();
    Map<Locality, List<Host<A>>> zones = new LinkedHashMap<>();
    level.forEach(
        m -> zones.computeIfAbsent(m.locality(), l -> new ArrayList<>()).addAll(m.healthy()));
    List<Locality> names = List.copyOf(zones.keySet());
    int own = names.indexOf(home.locality());
    if (names.size() < 2
        || own < 0
        || zones.getOrDefault(home.locality(), List.of()).isEmpty()
        || home.hosts().getOrDefault(home.locality(), 0) == 0) {
      return false;
    }
    // Proxies where the upstream has no hosts count, too: theirs is the load that moves.
    Set<Locality> elsewhere = new LinkedHashSet<>(home.hosts().keySet());
    elsewhere.removeAll(names);
    List<Locality> all = Stream.concat(names.stream(), elsewhere.stream()).toList();
    double[] shares =
        ZoneShares.of(
            own,
            all.stream().mapToInt(l -> zones.getOrDefault(l, List.of()).size()).toArray(),
            all.stream().mapToInt(l -> home.hosts().getOrDefault(l, 0)).toArray());
    double aware = takes * rule.get().routingPercent() / 100;
    double left = takes;
    for (int i = 0; i < names.size(); i++) {
      List<Host<A>> there = zones.getOrDefault(names.get(i), List.of());
      add(there, there, aware * shares[i]);
      left -= aware * shares[i];
    }
    if (left > NEGLIGIBLE) {
      add(everybody, all(level), left);
    }
    return true;
  }

  private void addPanic(List<Members<A>> level, double takes) {
    panic = true;
    if (policy.options().zoneAware().map(ZoneAware::failOnPanic).orElse(false)) {
      return;
    }
    add(level.stream().flatMap(m -> m.notDraining().stream()).toList(), all(level), takes);
  }

  private void add(List<Host<A>> hosts, List<Host<A>> all, double share) {
    if (share > 0 && !hosts.isEmpty()) {
      groups.add(new HostGroup<>(hosts, all, policy, tables, dice));
      shares.add(share);
    }
  }

  private void setBounds() {
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

  /** Nobody can be picked. */
  boolean isEmpty() {
    return groups.isEmpty();
  }

  boolean isPanic() {
    return panic;
  }
}
