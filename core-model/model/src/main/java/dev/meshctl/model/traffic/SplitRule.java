package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.source.Position;
import java.util.List;

/**
 * One rule of a VirtualService or HTTPRoute, as splits see it.
 *
 * @param name as written, else its place
 * @param place {@code http[0]}, {@code rules[1]}
 * @param listPath of its destinations
 * @param destinations empty where the rule sends nothing on
 */
record SplitRule(
    Located<? extends MeshResource> resource,
    String name,
    String place,
    String match,
    String listPath,
    List<Target> destinations) {
  SplitRule {
    destinations = List.copyOf(destinations);
  }

  /**
   * @param name how requests call it
   * @param host in full
   * @param written the host or Service name as it is written
   * @param port 0 where none is written
   */
  record Target(String name, String host, String written, int port, int weight) {}

  boolean isCalled(String wanted) {
    return name.equals(wanted) || place.equals(wanted);
  }

  Position position() {
    return resource.at(listPath);
  }

  HostSplit.Rule view() {
    long total = destinations.stream().mapToLong(Target::weight).sum();
    return new HostSplit.Rule(
        name,
        match,
        destinations.stream()
            .map(target ->
                new HostSplit.Share(
                    target.name(), target.host(), target.weight(), share(target, total)))
            .toList());
  }

  /** A single destination without a weight takes all. */
  private double share(Target target, long total) {
    if (total > 0) {
      return (double) target.weight() / total;
    }
    return destinations.size() == 1 ? 1 : 0;
  }
}
