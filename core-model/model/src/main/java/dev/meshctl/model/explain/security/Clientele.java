package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Caller;
import dev.meshctl.model.explain.Clients;
import dev.meshctl.model.explain.Gateways;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.Optional;

/** Who asks: a workload, or a gateway. Thread: one. */
final class Clientele {
  /** Of a gateway, which the configuration does not tell (RFC 5737). */
  private static final String SOMEWHERE = "192.0.2.2";

  private final Caller caller;
  private final Upstreams upstreams;
  private final boolean gateway;
  private final boolean addressKnown;
  private final String namespace;

  Clientele(Scene scene, String from, String source) {
    Clients clients = new Clients(scene);
    Optional<ProxyNode> at =
        clients.has(from) ? Optional.empty() : Gateways.named(scene.mesh(), from);
    gateway = at.isPresent();
    if (at.isPresent()) {
      ProxyNode node = at.get();
      namespace = node.namespace();
      caller =
          new Caller(
              scene.identity(namespace, node.serviceAccount()),
              true,
              source.isEmpty() ? SOMEWHERE : source);
      upstreams =
          new Upstreams(
              scene, Upstreams.Client.ofGateway(node), scene.translation().snapshotFor(node));
      addressKnown = !source.isEmpty();
    } else {
      WorkloadInstance one = clients.find(from);
      namespace = one.namespace();
      caller =
          new Caller(
              scene.identity(namespace, one.serviceAccount()),
              one.inMesh(),
              source.isEmpty() ? one.address() : source);
      upstreams = new Upstreams(scene, one, scene.translation().snapshotFor(Scene.sidecar(one)));
      long replicas =
          scene.clients().stream()
              .filter(other ->
                  other.namespace().equals(namespace) && other.workload().equals(one.workload()))
              .count();
      addressKnown = !source.isEmpty() || !scene.guessed() && replicas == 1;
    }
  }

  Caller caller() {
    return caller;
  }

  Upstreams upstreams() {
    return upstreams;
  }

  boolean isGateway() {
    return gateway;
  }

  /** Policies may be asked of its address. */
  boolean addressKnown() {
    return addressKnown;
  }

  String namespace() {
    return namespace;
  }
}
