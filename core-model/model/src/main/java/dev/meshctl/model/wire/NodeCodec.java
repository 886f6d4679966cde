package dev.meshctl.model.wire;

import dev.meshctl.model.xds.ProxyNode;
import io.envoyproxy.envoy.config.core.v3.Node;

/**
 * {@link ProxyNode} to and from {@code envoy.config.core.v3.Node}, with Istio's metadata names. A
 * plain Envoy is understood by its id alone: {@code router~IP~NAME.NAMESPACE~DOMAIN}.
 *
 * <p>Threads: pure functions.
 */
public final class NodeCodec {
  private NodeCodec() {}

  public static Node encode(ProxyNode node) {
    throw new UnsupportedOperationException();
  }

  public static DecodedNode decode(Node node) {
    throw new UnsupportedOperationException();
  }
}
