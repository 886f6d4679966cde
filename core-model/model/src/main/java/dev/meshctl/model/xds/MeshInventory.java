package dev.meshctl.model.xds;

import dev.meshctl.model.resource.EndpointSlice;
import dev.meshctl.model.resource.Endpoints;
import dev.meshctl.model.resource.Pod;
import dev.meshctl.model.resource.PodTemplate;
import dev.meshctl.model.resource.ResourceId;
import dev.meshctl.model.resource.Service;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

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
   * True where workloads call services by addresses that all share, and replicas by their own: on a
   * cluster, and where a launcher captures transparently; false where each workload has addresses
   * of its own for services, which are numbered then.
   */
  public boolean isTransparent() {
    return !serviceAddressPrefix.isEmpty() || serviceNumbers.isEmpty();
  }

  /**
   * What {@code mesh} asks for, where nobody knows what runs: the replicas of its workloads, as if
   * all were ready, and Pods that have no address yet. Left out are workloads of which the mesh has
   * Pods, or the EndpointSlices of a Service that selects them: these tell more. Addresses mean
   * nothing.
   */
  public static MeshInventory askedFor(ValidatedMesh mesh) {
    Told told = Told.of(mesh);
    return replicas(mesh, workload -> !hasPods(workload, mesh) && !told.of(workload));
  }

  /** All replicas that {@code mesh} asks for, but those of workloads whose Pods it has. */
  public static List<WorkloadInstance> imagined(ValidatedMesh mesh) {
    return replicas(mesh, workload -> !hasPods(workload, mesh)).instances();
  }

  /** Services whose endpoints are written down. */
  private record Told(List<Service> services) {
    static Told of(ValidatedMesh mesh) {
      Set<ResourceId> told = new HashSet<>();
      for (EndpointSlice slice : mesh.all(EndpointSlice.class)) {
        slice
            .serviceName()
            .ifPresent(
                name -> told.add(new ResourceId("Service", slice.metadata().namespace(), name)));
      }
      for (Endpoints old : mesh.all(Endpoints.class)) {
        told.add(new ResourceId("Service", old.metadata().namespace(), old.metadata().name()));
      }
      return new Told(
          mesh.all(Service.class).stream()
              .filter(service -> !service.selector().isEmpty() && told.contains(service.id()))
              .toList());
    }

    boolean of(Workload workload) {
      return services.stream()
          .anyMatch(service ->
              service.metadata().namespace().equals(workload.metadata().namespace())
                  && workload
                      .template()
                      .labels()
                      .entrySet()
                      .containsAll(service.selector().entrySet()));
    }
  }

  private static MeshInventory replicas(ValidatedMesh mesh, Predicate<Workload> wanted) {
    List<WorkloadInstance> instances = new ArrayList<>();
    for (Workload workload : mesh.workloads()) {
      if (wanted.test(workload)) {
        for (int i = 0; i < workload.replicas(); i++) {
          instances.add(replica(workload, i, instances.size() + 1));
        }
      }
    }
    for (Pod pod : mesh.all(Pod.class)) {
      if (pod.addresses().isEmpty() && !pod.finished()) {
        instances.add(replica(pod, instances.size() + 1));
      }
    }
    return new MeshInventory(instances, Map.of(), "");
  }

  private static boolean hasPods(Workload workload, ValidatedMesh mesh) {
    return mesh.all(Pod.class).stream()
        .anyMatch(pod ->
            pod.metadata().namespace().equals(workload.metadata().namespace())
                && !workload.selector().isEmpty()
                && pod.metadata().labels().entrySet().containsAll(workload.selector().entrySet()));
  }

  private static WorkloadInstance replica(Workload workload, int ordinal, int number) {
    return replica(
        new ResourceId(
            "Pod", workload.metadata().namespace(), workload.metadata().name() + "-" + ordinal),
        workload.metadata().name(),
        workload.template(),
        number);
  }

  private static WorkloadInstance replica(Pod pod, int number) {
    return replica(
        pod.id(),
        pod.metadata().name(),
        new PodTemplate(pod.metadata().labels(), Map.of(), pod.serviceAccount(), pod.containers()),
        number);
  }

  private static WorkloadInstance replica(
      ResourceId pod, String workload, PodTemplate template, int number) {
    return new WorkloadInstance(
        pod.name(),
        pod.namespace(),
        workload,
        template.serviceAccount(),
        template.labels(),
        "10." + (number >> 16) + "." + ((number >> 8) & 0xff) + "." + (number & 0xff),
        PodTemplate.namedPorts(template.containers()),
        Locality.NONE,
        true,
        true);
  }
}
