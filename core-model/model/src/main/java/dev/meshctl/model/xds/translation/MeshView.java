package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.VirtualService;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.GatewayBindings;
import dev.meshctl.model.traffic.MeshRoutes;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The mesh and what runs, indexed.
 *
 * @param sourceLabels names of the labels that any route asks of its client
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
    Workloads workloads,
    VirtualAddresses addresses,
    Set<String> sourceLabels) {

  static MeshView of(ValidatedMesh mesh, MeshInventory inventory) {
    ServiceRegistry services = ServiceRegistry.of(mesh);
    return new MeshView(
        mesh,
        inventory,
        services,
        MeshRoutes.of(mesh),
        DestinationRules.of(mesh),
        GatewayBindings.of(mesh),
        new PeerModes(mesh),
        AccessPolicies.of(mesh),
        new Workloads(mesh, inventory),
        new VirtualAddresses(services, inventory),
        mesh.all(VirtualService.class).stream()
            .flatMap(virtualService -> virtualService.http().stream())
            .flatMap(rule -> rule.match().stream())
            .flatMap(match -> match.sourceLabels().keySet().stream())
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** The same mesh with other replicas: what only the mesh decides is kept. */
  MeshView with(MeshInventory now) {
    return new MeshView(
        mesh,
        now,
        services,
        routes,
        rules,
        bindings,
        peerModes,
        access,
        new Workloads(mesh, now),
        new VirtualAddresses(services, now),
        sourceLabels);
  }
}
