package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule.Distribute;
import dev.meshctl.model.resource.DestinationRule.Failover;
import dev.meshctl.model.resource.DestinationRule.LocalityLb;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.LoadAssignment.LocalityEndpoints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Priorities and weights of localities, as a client's place and the DestinationRule make them, by
 * Istio's rules: {@code distribute} weighs; where outliers are detected (else nobody would ever
 * move on), endpoints near the client come first, unless that is switched off.
 */
final class LocalityRouting {
  static final String REGION = "topology.kubernetes.io/region";
  static final String ZONE = "topology.kubernetes.io/zone";
  static final String SUB_ZONE = "topology.istio.io/subzone";
  static final String NETWORK = "topology.istio.io/network";

  private static final Comparator<Locality> BY_NAME =
      Comparator.comparing(Locality::region)
          .thenComparing(Locality::zone)
          .thenComparing(Locality::subZone);

  /** Levels of {@link #distance}: a priority by labels goes before all of them. */
  private static final int DISTANCES = 5;

  private LocalityRouting() {}

  /**
   * An endpoint with its place.
   *
   * @param labels of the workload
   * @param level how far behind the nearest its service puts it, from 0
   */
  record Placed(Locality locality, Map<String, String> labels, Endpoint endpoint, int level) {}

  /** Something hangs on the place of a client. */
  static boolean matters(TrafficPolicy policy) {
    return policy.localityLb().map(LocalityLb::enabled).orElse(true)
        && (policy.outlierDetection().isPresent()
            || policy.localityLb().filter(lb -> !lb.distribute().isEmpty()).isPresent());
  }

  /** {@code labels} with those of a place. */
  static Map<String, String> labels(Map<String, String> labels, Locality locality) {
    Map<String, String> all = new HashMap<>(labels);
    put(all, REGION, locality.region());
    put(all, ZONE, locality.zone());
    put(all, SUB_ZONE, locality.subZone());
    return all;
  }

  private static void put(Map<String, String> labels, String label, String value) {
    if (!value.isEmpty()) {
      labels.put(label, value);
    }
  }

  static List<LocalityEndpoints> of(
      Optional<TrafficPolicy> policy, ClientPlace client, List<Placed> endpoints) {
    Optional<LocalityLb> setting = policy.flatMap(TrafficPolicy::localityLb);
    boolean byService = endpoints.stream().anyMatch(placed -> placed.level() > 0);
    if (policy.isEmpty() || !matters(policy.get()) || (byService && setting.isEmpty())) {
      // What a DestinationRule says of places comes before what the Service does.
      Map<Placed, Integer> levels = new HashMap<>();
      if (setting.isEmpty()) {
        endpoints.forEach(placed -> levels.put(placed, placed.level()));
      }
      return grouped(endpoints, levels);
    }
    List<Distribute> distribute = setting.map(LocalityLb::distribute).orElse(List.of());
    if (!distribute.isEmpty()) {
      return weighed(grouped(endpoints, Map.of()), distribute, client.locality());
    }
    List<String> keys = setting.map(LocalityLb::failoverPriority).orElse(List.of());
    List<Failover> failover = setting.map(LocalityLb::failover).orElse(List.of());
    Map<Placed, Integer> priorities = new HashMap<>();
    for (Placed placed : endpoints) {
      int byLabels = keys.isEmpty() ? 0 : missing(keys, client, placed);
      boolean byPlace = keys.isEmpty() || !failover.isEmpty();
      priorities.put(
          placed,
          byLabels * DISTANCES
              + (byPlace ? distance(client.locality(), placed.locality(), failover) : 0));
    }
    return grouped(endpoints, priorities);
  }

  /** How many of the labels are left from the first on that is not shared. */
  private static int missing(List<String> keys, ClientPlace client, Placed placed) {
    Map<String, String> own = labels(placed.labels(), placed.locality());
    for (int i = 0; i < keys.size(); i++) {
      int equals = keys.get(i).indexOf('=');
      String key = equals < 0 ? keys.get(i) : keys.get(i).substring(0, equals);
      String wanted =
          equals < 0 ? client.labels().getOrDefault(key, "") : keys.get(i).substring(equals + 1);
      if (!own.getOrDefault(key, "").equals(wanted)) {
        return keys.size() - i;
      }
    }
    return 0;
  }

  private static int distance(Locality client, Locality there, List<Failover> failover) {
    if (!client.region().equals(there.region())) {
      for (Failover next : failover) {
        if (next.from().equals(client.region())) {
          return next.to().equals(there.region()) ? 3 : 4;
        }
      }
      return 3;
    }
    if (!client.zone().equals(there.zone())) {
      return 2;
    }
    return client.subZone().equals(there.subZone()) ? 0 : 1;
  }

  /** By priority, without holes, and locality. */
  private static List<LocalityEndpoints> grouped(
      List<Placed> endpoints, Map<Placed, Integer> priorities) {
    TreeMap<Integer, TreeMap<Locality, List<Endpoint>>> levels = new TreeMap<>();
    for (Placed placed : endpoints) {
      levels
          .computeIfAbsent(priorities.getOrDefault(placed, 0), p -> new TreeMap<>(BY_NAME))
          .computeIfAbsent(placed.locality(), l -> new ArrayList<>())
          .add(placed.endpoint());
    }
    List<LocalityEndpoints> groups = new ArrayList<>();
    int priority = 0;
    for (TreeMap<Locality, List<Endpoint>> level : levels.values()) {
      for (Map.Entry<Locality, List<Endpoint>> group : level.entrySet()) {
        groups.add(new LocalityEndpoints(group.getKey(), priority, 0, group.getValue()));
      }
      priority++;
    }
    return groups;
  }

  /** The first rule for the client's place; where there is none, all stays as it is. */
  private static List<LocalityEndpoints> weighed(
      List<LocalityEndpoints> groups, List<Distribute> distribute, Locality client) {
    Optional<Distribute> rule =
        distribute.stream().filter(one -> isIn(client, one.from())).findFirst();
    if (rule.isEmpty()) {
      return groups;
    }
    List<LocalityEndpoints> weighed = new ArrayList<>();
    TreeSet<Locality> taken = new TreeSet<>(BY_NAME);
    // The most exact place speaks for its localities, whatever the order that was written.
    List<Map.Entry<String, Integer>> places = new ArrayList<>(rule.get().to().entrySet());
    places.sort(
        Comparator.comparing((Map.Entry<String, Integer> place) -> -exactness(place.getKey()))
            .thenComparing(Map.Entry::getKey));
    for (Map.Entry<String, Integer> place : places) {
      List<LocalityEndpoints> there =
          groups.stream()
              .filter(group ->
                  !taken.contains(group.locality()) && isIn(group.locality(), place.getKey()))
              .toList();
      double all = there.stream().mapToLong(LocalityRouting::weight).sum();
      for (LocalityEndpoints group : there) {
        taken.add(group.locality());
        int weight = (int) Math.ceil(place.getValue() * weight(group) / all);
        weighed.add(new LocalityEndpoints(group.locality(), 0, weight, group.endpoints()));
      }
    }
    weighed.sort(Comparator.comparing(LocalityEndpoints::locality, BY_NAME));
    return weighed;
  }

  private static long weight(LocalityEndpoints group) {
    return group.endpoints().stream().mapToLong(Endpoint::weight).sum();
  }

  private static int exactness(String place) {
    int parts = 0;
    for (String part : place.split("/", -1)) {
      parts += part.equals("*") || part.isEmpty() ? 0 : 1;
    }
    return parts;
  }

  /** {@code place} is {@code region/zone/subzone}, cut short or with a star. */
  private static boolean isIn(Locality locality, String place) {
    String[] parts = place.split("/", -1);
    String[] own = {locality.region(), locality.zone(), locality.subZone()};
    for (int i = 0; i < parts.length && i < own.length; i++) {
      if (parts[i].equals("*")) {
        return true;
      }
      if (!parts[i].isEmpty() && !parts[i].equals(own[i])) {
        return false;
      }
    }
    return true;
  }
}
