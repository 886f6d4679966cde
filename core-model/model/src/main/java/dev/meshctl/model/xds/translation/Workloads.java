package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.PortRef;
import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/** Who stands behind a service: running replicas, and the identities they may have. */
final class Workloads {
  private final String trustDomain;
  private final Map<String, List<WorkloadInstance>> instances = new HashMap<>();
  private final Map<String, WorkloadInstance> byName = new HashMap<>();
  private final Map<String, List<Workload>> templates = new HashMap<>();

  Workloads(ValidatedMesh mesh, MeshInventory inventory) {
    this.trustDomain = mesh.trustDomain();
    inventory.instances().stream()
        .sorted(
            Comparator.comparing(WorkloadInstance::namespace).thenComparing(WorkloadInstance::name))
        .forEach(instance -> {
          byName.putIfAbsent(instance.namespace() + "/" + instance.name(), instance);
          instance
              .labels()
              .forEach((label, value) ->
                  instances
                      .computeIfAbsent(
                          key(instance.namespace(), label, value), k -> new ArrayList<>())
                      .add(instance));
        });
    for (Workload workload : mesh.all(Workload.class)) {
      workload
          .template()
          .labels()
          .forEach((label, value) ->
              templates
                  .computeIfAbsent(
                      key(workload.metadata().namespace(), label, value), k -> new ArrayList<>())
                  .add(workload));
    }
  }

  /** The replica beside {@code node}; empty where none is known to run there. */
  Optional<WorkloadInstance> beside(ProxyNode node) {
    return Optional.ofNullable(byName.get(node.namespace() + "/" + node.instance()));
  }

  /** Names of ports that the workload beside {@code node} listens on. */
  Map<String, Integer> namedPorts(ProxyNode node) {
    return beside(node).map(WorkloadInstance::namedPorts).orElse(Map.of());
  }

  /** Running replicas that the service selects, ready or not, by name. */
  List<WorkloadInstance> instances(MeshService service) {
    return selected(service, instances).stream()
        .filter(instance -> selects(service, instance.labels()))
        .toList();
  }

  /**
   * Every identity that may answer for the service. Those of workloads count before a replica runs,
   * so that what clients accept does not change as replicas come and go.
   */
  List<String> identities(MeshService service) {
    SortedSet<String> identities = new TreeSet<>();
    selected(service, templates).stream()
        .filter(workload -> selects(service, workload.template().labels()))
        .forEach(workload ->
            identities.add(identity(service.namespace(), workload.template().serviceAccount())));
    instances(service)
        .forEach(
            instance -> identities.add(identity(service.namespace(), instance.serviceAccount())));
    if (identities.isEmpty()) {
      // An empty list would accept every identity of the mesh.
      identities.add(identity(service.namespace(), "default"));
    }
    return List.copyOf(identities);
  }

  private String identity(String namespace, String serviceAccount) {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  /** Where {@code instance} listens for {@code port}; empty where it does not name that port. */
  static OptionalInt target(MeshService.Port port, Map<String, Integer> namedPorts) {
    return switch (port.target()) {
      case PortRef.Number(int number) -> OptionalInt.of(number);
      case PortRef.Name(String name) -> {
        Integer number = namedPorts.get(name);
        yield number == null ? OptionalInt.empty() : OptionalInt.of(number);
      }
    };
  }

  static boolean selects(MeshService service, Map<String, String> labels) {
    return service.backing() instanceof Backing.Workloads workloads && workloads.selects(labels);
  }

  /** Candidates by the rarest label of the selector. */
  private static <T> List<T> selected(MeshService service, Map<String, List<T>> byLabel) {
    if (!(service.backing() instanceof Backing.Workloads workloads)) {
      return List.of();
    }
    return workloads.selector().entrySet().stream()
        .map(label ->
            byLabel.getOrDefault(
                key(service.namespace(), label.getKey(), label.getValue()), List.of()))
        .min(Comparator.comparingInt(List::size))
        .orElse(List.of());
  }

  private static String key(String namespace, String label, String value) {
    return namespace + "/" + label + "=" + value;
  }
}
