package dev.meshctl.model.topology;

import dev.meshctl.model.topology.ServiceDirectory.Entry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where one routing resource sends requests, whatever its kind.
 *
 * @param hosts services that it governs for callers inside the mesh
 * @param gateways nodes whose traffic it governs
 * @param rules in the order in which they are tried
 */
record Routing(String id, List<Entry> hosts, Set<String> gateways, List<Rule> rules) {
  Routing {
    hosts = List.copyOf(hosts);
    gateways = Set.copyOf(gateways);
    rules = List.copyOf(rules);
  }

  /**
   * @param name as routes made of it are named: its own, else the resource's with its index
   * @param catchAll has no condition
   * @param callers label sets of the callers it is confined to, empty for all
   */
  record Rule(
      String name,
      boolean catchAll,
      Layer layer,
      List<Target> targets,
      List<Target> mirrors,
      List<Map<String, String>> callers) {
    Rule {
      targets = List.copyOf(targets);
      mirrors = List.copyOf(mirrors);
      callers = List.copyOf(callers);
    }

    /** Has weights, or picks versions. */
    boolean splits() {
      return targets.size() > 1 || targets.stream().anyMatch(target -> !target.subset().isEmpty());
    }

    /** The share of one target, 0 to 100. */
    double percent(Target target) {
      long total = targets.stream().mapToLong(Target::weight).sum();
      if (total == 0) {
        return targets.size() == 1 ? 100 : 0;
      }
      return 100.0 * target.weight() / total;
    }
  }

  /** {@code subset} may be empty, {@code port} 0. */
  record Target(Entry service, String subset, int port, int weight) {}

  /** The rule whose weights are the split of this layer: the last resort, else the first split. */
  Optional<Rule> governing(Layer layer) {
    List<Rule> ofLayer = rules.stream().filter(rule -> rule.layer() == layer).toList();
    return ofLayer.stream()
        .filter(rule -> rule.catchAll() && !rule.targets().isEmpty())
        .findFirst()
        .or(() -> ofLayer.stream().filter(Rule::splits).findFirst())
        .or(() -> ofLayer.stream().filter(rule -> !rule.targets().isEmpty()).findFirst());
  }
}
