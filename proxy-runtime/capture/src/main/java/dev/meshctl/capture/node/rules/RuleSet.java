package dev.meshctl.capture.node.rules;

import dev.meshctl.capture.node.IpFamily;
import dev.meshctl.capture.node.rules.Chain.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All chains of one family.
 *
 * @param nodePortAddresses where node ports answer; empty is at all of the node's but loopback
 */
public record RuleSet(IpFamily family, List<String> nodePortAddresses, List<Chain> chains) {
  public RuleSet {
    nodePortAddresses = List.copyOf(nodePortAddresses);
    chains = List.copyOf(chains);
  }

  /** By name, in order. */
  public Map<String, Chain> of(Table table) {
    Map<String, Chain> byName = new LinkedHashMap<>();
    chains.stream()
        .filter(chain -> chain.table() == table)
        .forEach(chain -> byName.put(chain.name(), chain));
    return byName;
  }
}
