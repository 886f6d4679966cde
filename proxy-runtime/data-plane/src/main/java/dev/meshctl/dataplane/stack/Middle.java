package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.route.Layers;
import dev.meshctl.dataplane.route.RequestLayer;
import java.util.List;

/**
 * Between two other proxies: what the one before says of the client is handed on, and what it asks
 * for (timeouts, retries) counts.
 */
public final class Middle {
  static final List<RequestLayer> LAYERS =
      List.of(
          // Above all others: the proxy before has given the request its id already, and tries
          // elsewhere where we refuse, so a refusal must cost least.
          Layers.shedOverload(),
          // For requests of those who gave none.
          Layers.requestId(),
          // No client address is taken off and no header of the mesh: both came from a proxy.
          Layers.forwardedProtocol(),
          // Above the route because policy and routes may ask which proxy stands before us.
          Layers.clientCertificate(),
          Layers.findRoute(),
          Layers.upgrades(),
          // Below the route, which may have settings of its own for them; above all answers but
          // their own, so that nothing leaks past access rules.
          Layers.filters(),
          Layers.answerLocally(),
          // Above the choice because an injected abort must not count against a cluster.
          Layers.fault(),
          Layers.chooseCluster(),
          // Below the choice because a cluster of a split may change headers.
          Layers.rewrite(),
          // Below the rewrite because a mirror gets what the next proxy would get.
          Layers.mirror(),
          Layers.forward());

  private Middle() {}
}
