package dev.meshctl.model.wire;

import dev.meshctl.model.xds.ProxyNode;

/** What became of a {@code Node} message. */
public sealed interface DecodedNode {
  record Accepted(ProxyNode node) implements DecodedNode {}

  /** Not a node of ours; {@code reason} says what was expected. */
  record Rejected(String reason) implements DecodedNode {}
}
