package dev.meshctl.model.explain;

import dev.meshctl.model.resource.Deployment;
import dev.meshctl.model.resource.MeshResource;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.source.Located;
import dev.meshctl.model.traffic.DestinationRules;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mesh and what runs in it, indexed for questions.
 *
 * @param guessed nothing is known to run: the replicas are those that the folder asks for, and
 *     their addresses mean nothing
 */
record Scene(
    ValidatedMesh mesh,
    MeshInventory inventory,
    boolean guessed,
    ServiceRegistry services,
    DestinationRules rules,
    MeshTranslation translation) {

  static Scene of(ValidatedMesh mesh, Optional<MeshInventory> running) {
    MeshInventory inventory = running.orElseGet(() -> asked(mesh));
    return new Scene(
        mesh,
        inventory,
        running.isEmpty(),
        ServiceRegistry.of(mesh),
        DestinationRules.of(mesh),
        MeshTranslation.of(mesh, inventory));
  }

  /** The replicas that Deployments ask for, as if all were ready. */
  private static MeshInventory asked(ValidatedMesh mesh) {
    List<WorkloadInstance> instances = new ArrayList<>();
    for (Deployment deployment : mesh.all(Deployment.class)) {
      Map<String, Integer> ports = new LinkedHashMap<>();
      deployment
          .template()
          .containers()
          .forEach(container ->
              container.ports().stream()
                  .filter(port -> !port.name().isEmpty())
                  .forEach(port -> ports.putIfAbsent(port.name(), port.port())));
      for (int i = 0; i < deployment.replicas(); i++) {
        int number = instances.size() + 1;
        instances.add(
            new WorkloadInstance(
                deployment.metadata().name() + "-" + i,
                deployment.metadata().namespace(),
                deployment.metadata().name(),
                deployment.template().serviceAccount(),
                deployment.template().labels(),
                "10." + (number >> 16) + "." + ((number >> 8) & 0xff) + "." + (number & 0xff),
                ports,
                Locality.NONE,
                true,
                true));
      }
    }
    return new MeshInventory(instances, Map.of(), "");
  }

  /** The place of {@code field} of a resource; empty where the mesh does not have it. */
  Optional<Explanation.Source> source(ResourceId id, String field) {
    for (Located<? extends MeshResource> located : mesh.resources()) {
      if (located.resource().id().equals(id)) {
        return Optional.of(Explanation.Source.at(id, located.at(field)));
      }
    }
    return Optional.empty();
  }

  String identity(String namespace, String serviceAccount) {
    return "spiffe://" + mesh.trustDomain() + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  /** The sidecar of a replica, connections to which the kernel turns to it. */
  static ProxyNode sidecar(WorkloadInstance instance) {
    return new ProxyNode(
        "sidecar~" + instance.address() + "~" + instance.name() + "." + instance.namespace(),
        ProxyNode.Role.SIDECAR,
        instance.namespace(),
        instance.workload(),
        instance.name(),
        instance.serviceAccount(),
        instance.labels(),
        new ProxyNode.Capture.Transparent(instance.address()));
  }

  /** The replica at an address; empty where it is none of the mesh. */
  Optional<WorkloadInstance> at(String address) {
    return inventory.instances().stream()
        .filter(instance -> instance.address().equals(address))
        .findFirst();
  }
}
