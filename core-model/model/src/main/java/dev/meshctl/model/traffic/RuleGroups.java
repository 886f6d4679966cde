package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.Subset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * DestinationRules of one namespace by their host. Those of one host that are exported alike and
 * select the same workloads are joined (Istio): subsets of all of them, of one name the first; the
 * policy is that of the first that has one, whole.
 *
 * <p>Threads: filled by one, then read by any.
 */
final class RuleGroups {
  private final Map<String, List<Joined>> exact = new HashMap<>();
  private final Map<String, List<Joined>> wildcards = new TreeMap<>(HostNames.MOST_SPECIFIC_FIRST);

  /** Some rules as one. */
  record Joined(DestinationRule rule, Set<String> exportTo) {
    Joined with(DestinationRule other) {
      List<Subset> subsets = new ArrayList<>(rule.subsets());
      Set<String> known = new HashSet<>();
      subsets.forEach(subset -> known.add(subset.name()));
      other.subsets().stream().filter(subset -> known.add(subset.name())).forEach(subsets::add);
      return new Joined(
          new DestinationRule(
              rule.metadata(),
              rule.host(),
              rule.trafficPolicy().or(other::trafficPolicy),
              subsets,
              rule.exportTo(),
              rule.workloadSelector()),
          exportTo);
    }
  }

  /** Adds a rule; those that come first must be added first. */
  void add(DestinationRule rule, Set<String> exportTo) {
    String host = DestinationRules.fullHost(rule);
    List<Joined> group =
        (HostNames.isWildcard(host) ? wildcards : exact)
            .computeIfAbsent(host, h -> new ArrayList<>());
    for (int i = 0; i < group.size(); i++) {
      Joined earlier = group.get(i);
      if (earlier.exportTo().equals(exportTo)
          && earlier.rule().workloadSelector().equals(rule.workloadSelector())) {
        group.set(i, earlier.with(rule));
        return;
      }
    }
    group.add(new Joined(rule, exportTo));
  }

  /** All for the most specific host that takes in {@code hostname}. */
  Optional<List<Joined>> mostSpecific(String hostname) {
    List<Joined> own = HostNames.isWildcard(hostname) ? null : exact.get(hostname);
    if (own != null) {
      return Optional.of(own);
    }
    return wildcards.entrySet().stream()
        .filter(entry -> HostNames.matches(entry.getKey(), hostname))
        .findFirst()
        .map(Map.Entry::getValue);
  }

  /** Every rule that may be in force for somebody. */
  Stream<DestinationRule> all() {
    return Stream.concat(exact.values().stream(), wildcards.values().stream())
        .flatMap(List::stream)
        .map(Joined::rule);
  }

  /**
   * The one of a group for a client: the first that selects it, else the last that selects nobody.
   */
  static Optional<DestinationRule> of(
      List<Joined> group, String clientNamespace, Map<String, String> labels) {
    Optional<DestinationRule> selecting =
        group.stream()
            .map(Joined::rule)
            .filter(rule -> !rule.workloadSelector().isEmpty())
            .filter(rule -> rule.metadata().namespace().equals(clientNamespace))
            .filter(rule -> labels.entrySet().containsAll(rule.workloadSelector().entrySet()))
            .findFirst();
    return selecting.or(() ->
        group.reversed().stream()
            .map(Joined::rule)
            .filter(rule -> rule.workloadSelector().isEmpty())
            .findFirst());
  }
}
