package dev.meshctl.model.xds;

import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What runs, beside what is configured: on a cluster from Pods and Services' addresses, on one
 * machine from the local launcher (as {@code inventory.json}).
 *
 * @param serviceNumbers {@code namespace/name} of a Service to a number from 1, stable for the life
 *     of the mesh; with an address prefix it gives the Service's virtual address
 * @param serviceAddressPrefix for example {@code 10.96.0.}; number n is at prefix + n
 */
public record MeshInventory(
    List<WorkloadInstance> instances,
    Map<String, Integer> serviceNumbers,
    String serviceAddressPrefix) {
  public static final MeshInventory EMPTY = new MeshInventory(List.of(), Map.of(), "");

  public MeshInventory {
    instances = List.copyOf(instances);
    serviceNumbers = Map.copyOf(serviceNumbers);
  }

  /**
   * What {@code mesh} asks for, where nobody knows what runs: the replicas of its workloads, as if
   * all were ready. Their addresses mean nothing.
   */
  public static MeshInventory askedFor(ValidatedMesh mesh) {
    List<WorkloadInstance> instances = new ArrayList<>();
    for (Workload workload : mesh.workloads()) {
      Map<String, Integer> ports = new LinkedHashMap<>();
      workload
          .template()
          .containers()
          .forEach(container ->
              container.ports().stream()
                  .filter(port -> !port.name().isEmpty())
                  .forEach(port -> ports.putIfAbsent(port.name(), port.port())));
      for (int i = 0; i < workload.replicas(); i++) {
        int number = instances.size() + 1;
        instances.add(
            new WorkloadInstance(
                workload.metadata().name() + "-" + i,
                workload.metadata().namespace(),
                workload.metadata().name(),
                workload.template().serviceAccount(),
                workload.template().labels(),
                "10." + (number >> 16) + "." + ((number >> 8) & 0xff) + "." + (number & 0xff),
                ports,
                Locality.NONE,
                true,
                true));
      }
    }
    return new MeshInventory(instances, Map.of(), "");
  }
}
