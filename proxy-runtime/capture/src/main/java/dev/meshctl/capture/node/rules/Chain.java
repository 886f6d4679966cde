package dev.meshctl.capture.node.rules;

import java.util.List;

/**
 * Rules in the order in which a packet meets them.
 *
 * @param name at most 28 characters, which is all that iptables takes
 * @param hooks where the kernel hands packets to it; empty where only other chains do
 * @param onlyNew there, only packets that begin a connection
 */
public record Chain(Table table, String name, List<Hook> hooks, boolean onlyNew, List<Rule> rules) {
  public Chain {
    hooks = List.copyOf(hooks);
    rules = List.copyOf(rules);
  }

  /** The kernel's two stages: addresses are changed in one, packets refused in the other. */
  public enum Table {
    NAT,
    FILTER
  }

  /** The kernel's places on a packet's way. */
  public enum Hook {
    PREROUTING,
    INPUT,
    FORWARD,
    OUTPUT,
    POSTROUTING
  }
}
