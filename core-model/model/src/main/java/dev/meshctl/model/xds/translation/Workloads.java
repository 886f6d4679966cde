package dev.meshctl.model.xds.translation;

import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Who stands behind a service, by the identities they may have, and beside a proxy. */
final class Workloads {
  private final ValidatedMesh mesh;
  private final Backends backends;
  private final Map<String, List<Workload>> templates = new HashMap<>();

  Workloads(ValidatedMesh mesh, Backends backends) {
    this.mesh = mesh;
    this.backends = backends;
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
    return backends.named(node.namespace(), node.instance()).map(Backend::instance);
  }

  /** Names of ports that the workload beside {@code node} listens on. */
  Map<String, Integer> namedPorts(ProxyNode node) {
    return beside(node).map(WorkloadInstance::namedPorts).orElse(Map.of());
  }

  /**
   * Every identity that may answer for the service. Those of workloads count before a replica runs,
   * so that what clients accept does not change as replicas come and go.
   */
  List<String> identities(MeshService service) {
    if (service.backing() instanceof Backing.External(var entry)
        && !entry.subjectAltNames().isEmpty()) {
      return entry.subjectAltNames();
    }
    SortedSet<String> identities = new TreeSet<>();
    candidates(service).stream()
        .filter(workload -> service.selects(workload.template().labels()))
        .forEach(workload ->
            identities.add(
                mesh.identity(service.namespace(), workload.template().serviceAccount())));
    for (Backend backend : backends.of(service)) {
      String account = backend.instance().serviceAccount();
      if (!account.isEmpty()) {
        identities.add(mesh.identity(service.namespace(), account));
      }
    }
    if (identities.isEmpty()) {
      // An empty list would accept every identity of the mesh.
      identities.add(mesh.identity(service.namespace(), "default"));
    }
    return List.copyOf(identities);
  }

  /** By the rarest label of the selector. */
  private List<Workload> candidates(MeshService service) {
    return service.selector().stream()
        .flatMap(selector -> selector.selector().entrySet().stream())
        .map(label ->
            templates.getOrDefault(
                key(service.namespace(), label.getKey(), label.getValue()), List.of()))
        .min(Comparator.comparingInt(List::size))
        .orElse(List.of());
  }

  private static String key(String namespace, String label, String value) {
    return namespace + "/" + label + "=" + value;
  }
}
