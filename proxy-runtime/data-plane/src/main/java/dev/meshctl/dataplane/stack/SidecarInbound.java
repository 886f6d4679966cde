package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.route.Layers;
import dev.meshctl.dataplane.route.RequestLayer;
import java.util.List;

/** From peers to the workload. */
public final class SidecarInbound {
  static final List<RequestLayer> LAYERS =
      List.of(
          // Above all others because an answer of any layer must be found by its id.
          Layers.requestId(),
          // Above all that costs something, because it is there to save it.
          Layers.shedOverload(),
          Layers.forwardedProtocol(),
          // Above the route because policy and routes may ask who the peer proved to be.
          Layers.clientCertificate(),
          Layers.findRoute(),
          Layers.upgrades(),
          // Below the route, which may have settings of its own for them; above all answers but
          // their own, so that nothing leaks past access rules.
          Layers.filters(),
          Layers.answerLocally(),
          Layers.fault(),
          Layers.chooseCluster(),
          // Below the choice because a cluster of a split may change headers.
          Layers.rewrite(),
          Layers.mirror(),
          Layers.forward());

  private SidecarInbound() {}
}
