package dev.meshctl.model.topology;

import dev.meshctl.model.resource.IstioGateway;
import dev.meshctl.model.resource.KubernetesGateway;
import dev.meshctl.model.resource.Metadata;
import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.WorkloadRef;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The doors of the mesh. Gateways that one workload carries are one node of its name; one that
 * nothing carries yet is a node of its own.
 */
final class GatewayIndex {
  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";
  private static final String ISTIO = "istio";

  /** Without a workload of its own, a Gateway is carried by the ingress gateway. */
  private static final String SHARED = "ingressgateway";

  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, Set<String>> nodesOf = new HashMap<>();
  private final Map<String, Set<String>> bySource = new HashMap<>();
  private final Set<String> carriers = new LinkedHashSet<>();

  private GatewayIndex() {}

  record Node(String id, String namespace, String name, int ready, int replicas) {}

  static GatewayIndex of(ValidatedMesh mesh, WorkloadIndex workloads) {
    GatewayIndex index = new GatewayIndex();
    for (IstioGateway gateway : mesh.all(IstioGateway.class)) {
      List<WorkloadIndex.Entry> carriers =
          workloads.all().stream()
              .filter(entry -> !gateway.selector().isEmpty() && entry.carries(gateway.selector()))
              .toList();
      String usual = gateway.selector().getOrDefault(ISTIO, gateway.metadata().name());
      index.add(gateway.kind(), gateway.metadata(), carriers, List.of(usual, "istio-" + usual));
    }
    for (KubernetesGateway gateway : mesh.all(KubernetesGateway.class)) {
      Metadata metadata = gateway.metadata();
      index.add(
          gateway.kind(),
          metadata,
          workloads.select(metadata.namespace(), Map.of(GATEWAY_NAME, metadata.name())),
          List.of(metadata.name() + "-" + gateway.gatewayClassName(), SHARED, "istio-" + SHARED));
    }
    return index;
  }

  private void add(
      String kind,
      Metadata metadata,
      List<WorkloadIndex.Entry> carriedBy,
      List<String> usualNames) {
    Set<String> ids = new LinkedHashSet<>();
    for (WorkloadIndex.Entry carrier : carriedBy) {
      String id = NodeIds.gateway(carrier.namespace(), carrier.name());
      nodes.put(
          id,
          new Node(id, carrier.namespace(), carrier.name(), carrier.ready(), carrier.replicas()));
      carriers.add(carrier.node());
      reports(carrier.namespace() + "/" + carrier.name(), id);
      ids.add(id);
    }
    if (ids.isEmpty()) {
      String id = NodeIds.gateway(metadata.namespace(), metadata.name());
      nodes.put(id, new Node(id, metadata.namespace(), metadata.name(), 0, 0));
      ids.add(id);
    }
    for (String id : ids) {
      reports(metadata.name(), id);
      usualNames.forEach(name -> reports(name, id));
    }
    nodesOf.put(kind + " " + metadata.namespace() + "/" + metadata.name(), ids);
  }

  private void reports(String name, String node) {
    bySource.computeIfAbsent(name, fresh -> new LinkedHashSet<>()).add(node);
  }

  Collection<Node> all() {
    return nodes.values();
  }

  /** Nodes of the workloads that are gateways, which are not drawn a second time. */
  Set<String> carriers() {
    return Collections.unmodifiableSet(carriers);
  }

  Set<String> istio(String namespace, String name) {
    return nodesOf.getOrDefault("Gateway.networking.istio.io " + namespace + "/" + name, Set.of());
  }

  Set<String> kubernetes(String namespace, String name) {
    return nodesOf.getOrDefault(
        "Gateway.gateway.networking.k8s.io " + namespace + "/" + name, Set.of());
  }

  /**
   * Those that may have reported themselves so, by their workload's name or by a Gateway's. One
   * proxy can carry several Gateways, so there can be several.
   */
  Set<String> find(WorkloadRef source) {
    Set<String> exact = bySource.get(source.namespace() + "/" + source.name());
    return exact != null ? exact : bySource.getOrDefault(source.name(), Set.of());
  }
}
