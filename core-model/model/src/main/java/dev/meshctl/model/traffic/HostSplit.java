package dev.meshctl.model.traffic;

import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Position;
import java.util.List;

/**
 * How the traffic of a host is split, rule by rule.
 *
 * @param host in full
 * @param resource that governs the host: a VirtualService or an HTTPRoute
 * @param position of the resource
 */
public record HostSplit(String host, ResourceId resource, Position position, List<Rule> rules) {
  public HostSplit {
    rules = List.copyOf(rules);
  }

  /**
   * One rule.
   *
   * @param name as written, else {@code http[0]} or {@code rules[0]}
   * @param match what it applies to, for people: {@code prefix /books}; empty is everything
   */
  public record Rule(String name, String match, List<Share> shares) {
    public Rule {
      shares = List.copyOf(shares);
    }
  }

  /**
   * What one destination gets.
   *
   * @param name how {@code split set} calls it: the subset, else the name of the Service
   * @param weight 0 or more, in proportion to the others of the rule
   * @param share 0 to 1
   */
  public record Share(String name, String host, int weight, double share) {}
}
