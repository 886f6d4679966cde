package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.DestinationRule;
import dev.meshctl.model.resource.DestinationRule.TrafficPolicy;
import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.MeshConfig;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Sidecar;
import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.BackendPolicies;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.Grants;
import dev.meshctl.model.traffic.Imports;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.traffic.PeerModes;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.traffic.Sidecars;
import dev.meshctl.model.validation.TlsSecrets;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The mesh and what runs, indexed.
 *
 * @param sourceLabels names of the labels that any route or DestinationRule asks of its client
 * @param placeLabels names of the labels by which endpoints are near a client; empty where nothing
 *     hangs on its place
 * @param byNode something hangs on the node of a client
 */
record MeshView(
    ValidatedMesh mesh,
    MeshInventory inventory,
    ServiceRegistry services,
    MeshRoutes routes,
    DestinationRules rules,
    GatewayBindings bindings,
    PeerModes peerModes,
    AccessPolicies access,
    MeshDefaults defaults,
    Sidecars sidecars,
    Map<ImportsKey, Imports> imports,
    Backends backends,
    Workloads workloads,
    VirtualAddresses addresses,
    Grants grants,
    TlsSecrets secrets,
    BackendPolicies backendPolicies,
    Set<String> sourceLabels,
    Optional<Set<String>> placeLabels,
    boolean byNode) {

  static MeshView of(ValidatedMesh mesh, MeshInventory inventory) {
    List<MeshResource> plain = mesh.all(MeshResource.class);
    ServiceRegistry services = ServiceRegistry.of(mesh);
    DestinationRules rules = DestinationRules.of(mesh);
    MeshDefaults defaults = new MeshDefaults(MeshConfig.in(plain));
    Backends backends = Backends.of(mesh, inventory);
    return new MeshView(
        mesh,
        inventory,
        services,
        MeshRoutes.of(mesh),
        rules,
        GatewayBindings.of(mesh),
        PeerModes.of(mesh),
        AccessPolicies.of(mesh),
        defaults,
        Sidecars.of(mesh),
        new ConcurrentHashMap<>(),
        backends,
        new Workloads(mesh, backends),
        new VirtualAddresses(services, inventory),
        Grants.of(plain),
        TlsSecrets.of(plain),
        BackendPolicies.of(plain),
        sourceLabels(mesh),
        placeLabels(mesh, rules, defaults),
        isByNode(mesh));
  }

  /** The same mesh with other replicas: what only the mesh decides is kept. */
  MeshView with(MeshInventory now) {
    Backends others = backends.with(now);
    return new MeshView(
        mesh,
        now,
        services,
        routes,
        rules,
        bindings,
        peerModes,
        access,
        defaults,
        sidecars,
        imports,
        others,
        new Workloads(mesh, others),
        new VirtualAddresses(services, now),
        grants,
        secrets,
        backendPolicies,
        sourceLabels,
        placeLabels,
        byNode);
  }

  private static Set<String> sourceLabels(ValidatedMesh mesh) {
    return Stream.concat(
            mesh.all(VirtualService.class).stream()
                .flatMap(virtualService -> virtualService.http().stream())
                .flatMap(rule -> rule.match().stream())
                .flatMap(match -> match.sourceLabels().keySet().stream()),
            mesh.all(DestinationRule.class).stream()
                .flatMap(rule -> rule.workloadSelector().keySet().stream()))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Optional<Set<String>> placeLabels(
      ValidatedMesh mesh, DestinationRules rules, MeshDefaults defaults) {
    List<TrafficPolicy> policies =
        Stream.concat(
                rules.policies().map(Optional::of), Stream.of(Optional.<TrafficPolicy>empty()))
            .flatMap(policy -> defaults.filled(policy).stream())
            .filter(LocalityRouting::matters)
            .toList();
    return policies.isEmpty() && !isByZone(mesh)
        ? Optional.empty()
        : Optional.of(
            policies.stream()
                .flatMap(policy -> policy.localityLb().stream())
                .flatMap(setting -> setting.failoverPriority().stream())
                .filter(key -> key.indexOf('=') < 0)
                .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whose imports: those of a Sidecar in a namespace, or of none. */
  private record ImportsKey(String namespace, Optional<ResourceId> sidecar) {}

  /** What sidecars of a namespace are told of, by the Sidecar that speaks for them. */
  Imports imports(String namespace, Optional<Sidecar> sidecar) {
    return imports.computeIfAbsent(
        new ImportsKey(namespace, sidecar.map(Sidecar::id)),
        key -> Imports.of(sidecar, namespace, services, routes));
  }

  private static boolean isByZone(ValidatedMesh mesh) {
    return mesh.all(Service.class).stream().anyMatch(Nearness::byZone)
        || endpoints(mesh).anyMatch(endpoint -> !endpoint.forZones().isEmpty());
  }

  private static boolean isByNode(ValidatedMesh mesh) {
    return mesh.all(Service.class).stream().anyMatch(Nearness::byNode)
        || endpoints(mesh).anyMatch(endpoint -> !endpoint.forNodes().isEmpty());
  }

  private static Stream<EndpointSlice.Endpoint> endpoints(ValidatedMesh mesh) {
    return mesh.all(EndpointSlice.class).stream().flatMap(slice -> slice.endpoints().stream());
  }

  /** Where {@code node} stands, as far as anything hangs on it. */
  ClientPlace placeOf(ProxyNode node) {
    if (placeLabels.isEmpty() && !byNode) {
      return ClientPlace.ANYWHERE;
    }
    Optional<Backend> beside = backends.named(node.namespace(), node.instance());
    String where = byNode ? beside.map(Backend::node).orElse("") : "";
    if (placeLabels.isEmpty()) {
      return new ClientPlace(Locality.NONE, Map.of(), where);
    }
    Locality locality = beside.map(backend -> backend.instance().locality()).orElse(Locality.NONE);
    Map<String, String> labels = new HashMap<>(LocalityRouting.labels(node.labels(), locality));
    beside
        .map(Backend::network)
        .filter(network -> !network.isEmpty())
        .ifPresent(network -> labels.put(LocalityRouting.NETWORK, network));
    labels.keySet().retainAll(placeLabels.get());
    return new ClientPlace(locality, labels, where);
  }
}
