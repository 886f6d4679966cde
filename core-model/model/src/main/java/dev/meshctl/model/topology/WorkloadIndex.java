package dev.meshctl.model.topology;

import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.traffic.MeshService;
import dev.meshctl.model.traffic.MeshService.Backing;
import dev.meshctl.model.traffic.ServiceRegistry;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What runs or should run: workloads joined with the replicas that there are. */
final class WorkloadIndex {
  private final Map<String, Entry> byNode;
  private final Map<String, Set<String>> written;

  /**
   * @param written nodes of workloads by host of services that select none, but have slices
   */
  private WorkloadIndex(Map<String, Entry> byNode, Map<String, Set<String>> written) {
    this.byNode = Collections.unmodifiableMap(byNode);
    this.written = Map.copyOf(written);
  }

  /** All replicas of one workload; {@code replicas} is what is wanted, if that is more. */
  record Entry(
      String node,
      String namespace,
      String name,
      Map<String, String> labels,
      int ready,
      int replicas) {
    Entry {
      labels = Map.copyOf(labels);
    }

    String app() {
      return labels.getOrDefault("app", labels.getOrDefault("app.kubernetes.io/name", name));
    }

    String version() {
      return labels.getOrDefault("version", "");
    }

    boolean carries(Map<String, String> selector) {
      return labels.entrySet().containsAll(selector.entrySet());
    }

    private Entry with(WorkloadInstance instance) {
      return new Entry(
          node,
          namespace,
          name,
          labels.isEmpty() ? instance.labels() : labels,
          ready + (instance.ready() ? 1 : 0),
          replicas);
    }

    private Entry wanting(int atLeast) {
      return new Entry(node, namespace, name, labels, ready, Math.max(replicas, atLeast));
    }
  }

  static WorkloadIndex of(ValidatedMesh mesh, MeshInventory inventory) {
    Map<String, Entry> byNode = new TreeMap<>();
    for (Workload workload : mesh.workloads()) {
      String namespace = workload.metadata().namespace();
      String name = workload.metadata().name();
      String node = NodeIds.workload(namespace, name);
      byNode.put(
          node,
          new Entry(node, namespace, name, workload.template().labels(), 0, workload.replicas()));
    }
    Map<String, Integer> seen = new TreeMap<>();
    Backends backends = Backends.of(mesh, inventory);
    Set<String> launched = new HashSet<>();
    inventory.instances().forEach(instance -> launched.add(node(instance)));
    for (Backend backend : backends.all()) {
      WorkloadInstance instance = backend.instance();
      String node = node(instance);
      // Pods of an export run elsewhere.
      if (backend.source() == Backend.Source.POD && launched.contains(node)) {
        continue;
      }
      Entry entry =
          byNode.getOrDefault(
              node,
              new Entry(node, instance.namespace(), instance.workload(), instance.labels(), 0, 0));
      byNode.put(node, entry.with(instance));
      seen.merge(node, 1, Integer::sum);
    }
    seen.forEach(
        (node, count) -> byNode.computeIfPresent(node, (same, entry) -> entry.wanting(count)));
    return new WorkloadIndex(byNode, written(mesh, backends));
  }

  private static String node(WorkloadInstance instance) {
    return NodeIds.workload(instance.namespace(), instance.workload());
  }

  private static Map<String, Set<String>> written(ValidatedMesh mesh, Backends backends) {
    Map<String, Set<String>> written = new HashMap<>();
    for (MeshService service : ServiceRegistry.of(mesh).all()) {
      if (service.backing() instanceof Backing.Workloads workloads
          && workloads.selector().isEmpty()) {
        for (Backend backend : backends.of(service)) {
          if (!backend.instance().workload().isEmpty()) {
            written
                .computeIfAbsent(service.hostname(), host -> new TreeSet<>())
                .add(node(backend.instance()));
          }
        }
      }
    }
    return written;
  }

  Collection<Entry> all() {
    return byNode.values();
  }

  Optional<Entry> find(String node) {
    return Optional.ofNullable(byNode.get(node));
  }

  /** Those behind a service: whom it selects, else whom its slices name. */
  List<Entry> behind(ServiceDirectory.Entry service) {
    return service.selector().isEmpty()
        ? written.getOrDefault(service.host(), Set.of()).stream()
            .flatMap(node -> find(node).stream())
            .toList()
        : select(service.namespace(), service.selector());
  }

  /** Those in {@code namespace} that carry all labels; none for an empty selector. */
  List<Entry> select(String namespace, Map<String, String> selector) {
    if (selector.isEmpty()) {
      return List.of();
    }
    return byNode.values().stream()
        .filter(entry -> entry.namespace().equals(namespace) && entry.carries(selector))
        .toList();
  }
}
