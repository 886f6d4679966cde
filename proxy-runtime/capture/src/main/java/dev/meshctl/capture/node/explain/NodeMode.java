package dev.meshctl.capture.node.explain;

/** The ways of a node, as users name them. */
public enum NodeMode {
  /** Our proxy in the middle, for TCP. */
  userspace,
  iptables,
  ipvs,
  nftables
}
