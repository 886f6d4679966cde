package dev.meshctl.dataplane.stack;

import dev.meshctl.dataplane.route.Layers;
import dev.meshctl.dataplane.route.RequestLayer;
import java.util.List;

/** From the workload to other services. */
public final class SidecarOutbound {
  static final List<RequestLayer> LAYERS =
      List.of(
          // Above all others because an answer of any layer must be found by its id.
          Layers.requestId(),
          // Above all that costs something, because it is there to save it.
          Layers.shedOverload(),
          // Above the route because routes may match it.
          Layers.forwardedProtocol(),
          // The workload is trusted with its own word only: what it says of a client certificate
          // goes.
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
          // Below the rewrite because a mirror gets what the service would get.
          Layers.mirror(),
          Layers.forward());

  private SidecarOutbound() {}
}
