package dev.meshctl.model.topology;

import dev.meshctl.model.resource.Workload;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.backing.Backend;
import dev.meshctl.model.xds.backing.Backends;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What runs or should run: workloads joined with the replicas that there are. */
final class WorkloadIndex {
  private final Map<String, Entry> byNode;

  private WorkloadIndex(Map<String, Entry> byNode) {
    this.byNode = Collections.unmodifiableMap(byNode);
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
    for (Backend backend : Backends.of(mesh, inventory).all()) {
      WorkloadInstance instance = backend.instance();
      String node = NodeIds.workload(instance.namespace(), instance.workload());
      Entry entry =
          byNode.getOrDefault(
              node,
              new Entry(node, instance.namespace(), instance.workload(), instance.labels(), 0, 0));
      byNode.put(node, entry.with(instance));
      seen.merge(node, 1, Integer::sum);
    }
    seen.forEach(
        (node, count) -> byNode.computeIfPresent(node, (same, entry) -> entry.wanting(count)));
    return new WorkloadIndex(byNode);
  }

  Collection<Entry> all() {
    return byNode.values();
  }

  Optional<Entry> find(String node) {
    return Optional.ofNullable(byNode.get(node));
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
