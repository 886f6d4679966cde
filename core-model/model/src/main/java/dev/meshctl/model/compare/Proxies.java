package dev.meshctl.model.compare;

import dev.meshctl.model.explain.Gateways;
import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The proxies that both configurations have. */
final class Proxies {
  private Proxies() {}

  /**
   * A workload with sidecars, on both sides.
   *
   * @param before one of its replicas
   * @param after likewise
   */
  record Workload(String name, WorkloadInstance before, WorkloadInstance after) {}

  /** By name. */
  static List<Workload> workloads(Scene before, Scene after) {
    Map<String, WorkloadInstance> first = new TreeMap<>();
    before.clients().stream()
        .filter(WorkloadInstance::inMesh)
        .forEach(instance -> first.putIfAbsent(name(instance), instance));
    Map<String, WorkloadInstance> second = new TreeMap<>();
    after.clients().stream()
        .filter(WorkloadInstance::inMesh)
        .forEach(instance -> second.putIfAbsent(name(instance), instance));
    List<Workload> all = new ArrayList<>();
    first.forEach((name, instance) ->
        Optional.ofNullable(second.get(name))
            .ifPresent(other -> all.add(new Workload(name, instance, other))));
    return all;
  }

  private static String name(WorkloadInstance instance) {
    return instance.namespace() + "/" + instance.workload();
  }

  /** Workloads that are told the same, on either side. */
  static List<List<Workload>> alike(List<Workload> workloads, Scene before, Scene after) {
    Map<XdsSnapshot, Map<XdsSnapshot, List<Workload>>> groups = new IdentityHashMap<>();
    List<List<Workload>> all = new ArrayList<>();
    for (Workload workload : workloads) {
      groups
          .computeIfAbsent(shared(before, workload.before()), key -> new IdentityHashMap<>())
          .computeIfAbsent(
              shared(after, workload.after()),
              key -> {
                List<Workload> group = new ArrayList<>();
                all.add(group);
                return group;
              })
          .add(workload);
    }
    return all;
  }

  private static XdsSnapshot shared(Scene scene, WorkloadInstance instance) {
    return scene.translation().layersFor(Scene.sidecar(instance)).shared();
  }

  /** By name: the gateways of either side. */
  static Map<String, ProxyNode> gateways(Scene before, Scene after) {
    Map<String, ProxyNode> all = new LinkedHashMap<>();
    for (Scene scene : List.of(before, after)) {
      for (ProxyNode gateway : Gateways.of(scene.mesh())) {
        all.putIfAbsent(gateway.namespace() + "/" + gateway.workload(), gateway);
      }
    }
    return all;
  }
}
