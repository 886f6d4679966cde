package dev.meshctl.model.explain.security;

import dev.meshctl.model.explain.Explanation.Source;
import dev.meshctl.model.explain.Gateways;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.Upstreams;
import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterNames;
import dev.meshctl.model.xds.LoadAssignment.Endpoint;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.SecretConfig;
import dev.meshctl.model.xds.SnapshotLayers;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the proxies of a mesh are told to speak to a port of a service. Proxies that are told the
 * same are asked once.
 *
 * <p>Thread: one.
 */
final class TlsClients {
  private final Scene scene;
  private final List<Told> all = new ArrayList<>();

  /** Some proxies, by one of them. */
  private record Told(
      String who,
      String namespace,
      Map<String, String> labels,
      Upstreams upstreams,
      Map<String, List<ClusterConfig>> clustersByHost) {}

  /**
   * How one of them speaks to a workload.
   *
   * @param ofMesh it is the mesh's own TLS, not one that the application is to understand
   */
  record Speaks(
      String who,
      String mode,
      String subset,
      boolean secure,
      boolean ofMesh,
      @Nullable Source source) {}

  TlsClients(Scene scene) {
    this.scene = scene;
    Map<XdsSnapshot, Boolean> seen = new IdentityHashMap<>();
    for (WorkloadInstance instance : scene.clients()) {
      XdsSnapshot told = shared(Scene.sidecar(instance));
      if (instance.inMesh() && seen.put(told, true) == null) {
        add(
            "namespace " + instance.namespace(),
            instance.namespace(),
            instance.labels(),
            told,
            new Upstreams(scene, instance, told));
      }
    }
    for (ProxyNode gateway : Gateways.of(scene.mesh())) {
      XdsSnapshot told = shared(gateway);
      add(
          "gateway " + gateway.namespace() + "/" + gateway.workload(),
          gateway.namespace(),
          gateway.labels(),
          told,
          new Upstreams(scene, Upstreams.Client.ofGateway(gateway), told));
    }
  }

  /** Clusters are among what many are told, but for who is told nothing like others. */
  private XdsSnapshot shared(ProxyNode node) {
    SnapshotLayers layers = scene.translation().layersFor(node);
    return layers.shared() == XdsSnapshot.EMPTY ? layers.own() : layers.shared();
  }

  private void add(
      String who,
      String namespace,
      Map<String, String> labels,
      XdsSnapshot told,
      Upstreams upstreams) {
    Map<String, List<ClusterConfig>> byHost = new HashMap<>();
    told.of(ResourceType.CLUSTER).values().stream()
        .map(ClusterConfig.class::cast)
        .forEach(cluster ->
            byHost
                .computeIfAbsent(cluster.service().host(), host -> new ArrayList<>())
                .add(cluster));
    all.add(new Told(who, namespace, labels, upstreams, byHost));
  }

  /**
   * To replicas of a workload behind a port of a service.
   *
   * @param addresses of the replicas
   */
  List<Speaks> to(MeshService service, int port, List<String> addresses) {
    List<Speaks> found = new ArrayList<>();
    for (Told told : all) {
      for (ClusterConfig cluster :
          told.clustersByHost.getOrDefault(service.hostname(), List.of())) {
        if (ClusterNames.outboundPort(cluster.name()).orElse(0) == port) {
          endpoint(told, cluster, addresses)
              .map(endpoint -> speaks(told, service, cluster, endpoint))
              .filter(speaks -> !found.contains(speaks))
              .ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static Optional<Endpoint> endpoint(
      Told told, ClusterConfig cluster, List<String> addresses) {
    return told.upstreams.assignment(cluster).stream()
        .flatMap(all -> all.localities().stream())
        .flatMap(locality -> locality.endpoints().stream())
        .filter(endpoint -> addresses.contains(endpoint.address().address()))
        .findFirst();
  }

  private Speaks speaks(Told told, MeshService service, ClusterConfig cluster, Endpoint endpoint) {
    Optional<Source> rule = rule(told, service, cluster);
    int port = ClusterNames.outboundPort(cluster.name()).orElse(0);
    String mode = mode(cluster.transport(), rule.isPresent());
    boolean likeItsService =
        told.upstreams
            .cluster(ClusterNames.outbound(port, "", service.hostname()))
            .filter(whole -> mode(whole.transport(), rule.isPresent()).equals(mode))
            .isPresent();
    return new Speaks(
        told.who,
        mode,
        likeItsService ? "" : cluster.service().subset(),
        Upstreams.secure(cluster.transport(), endpoint),
        !(cluster.transport() instanceof Transport.Tls(var tls)) || isOfMesh(tls),
        rule.orElse(null));
  }

  /** As a DestinationRule would write it, where one does. */
  private static String mode(Transport transport, boolean written) {
    return switch (transport) {
      case Transport.Plaintext() -> written ? "DISABLE" : "off";
      case Transport.Auto _ -> "auto";
      case Transport.Tls(var tls) ->
          isOfMesh(tls) ? "ISTIO_MUTUAL" : tls.certificateSecret().isEmpty() ? "SIMPLE" : "MUTUAL";
    };
  }

  private static boolean isOfMesh(UpstreamTls tls) {
    return tls.trustSecret().equals(SecretConfig.TRUST_BUNDLE);
  }

  /** Where the mode is written; empty where no DestinationRule writes one. */
  private Optional<Source> rule(Told told, MeshService service, ClusterConfig cluster) {
    String subset = cluster.service().subset();
    int port = ClusterNames.outboundPort(cluster.name()).orElse(0);
    Optional<DestinationRule> joined =
        scene
            .rules()
            .forHost(service, told.namespace, told.labels)
            .filter(rule ->
                DestinationRules.effectivePolicy(rule, subset, port)
                    .flatMap(TrafficPolicy::tls)
                    .isPresent());
    // Rules of one host are joined: it may be another one than the first that writes it.
    return joined.flatMap(rule ->
        Stream.concat(Stream.of(rule), scene.mesh().all(DestinationRule.class).stream())
            .filter(each ->
                each.metadata().namespace().equals(rule.metadata().namespace())
                    && DestinationRules.fullHost(each).equals(DestinationRules.fullHost(rule)))
            .flatMap(each -> written(each, subset, port).stream())
            .findFirst());
  }

  private Optional<Source> written(DestinationRule rule, String subset, int port) {
    Optional<DestinationRule> itself =
        scene.mesh().all(DestinationRule.class).stream()
            .filter(each -> each.id().equals(rule.id()))
            .findFirst();
    if (itself.isEmpty()) {
      return Optional.empty();
    }
    List<DestinationRule.Subset> subsets = itself.get().subsets();
    for (int i = 0; i < subsets.size(); i++) {
      if (subsets.get(i).name().equals(subset) && says(subsets.get(i).trafficPolicy(), port)) {
        return scene.source(rule.id(), "spec.subsets[" + i + "].trafficPolicy.tls.mode");
      }
    }
    return says(itself.get().trafficPolicy(), port)
        ? scene.source(rule.id(), "spec.trafficPolicy.tls.mode")
        : Optional.empty();
  }

  private static boolean says(Optional<TrafficPolicy> policy, int port) {
    return policy.flatMap(written -> written.atPort(port).tls()).isPresent();
  }
}
