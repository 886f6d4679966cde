package dev.meshctl.model.testkit;

import dev.meshctl.model.validation.ValidatedMesh;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.ProxyNode.Capture;
import dev.meshctl.model.xds.ProxyNode.Role;
import dev.meshctl.model.xds.WorkloadInstance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A mesh of many services, each with two versions, a split between them and three replicas. */
public final class ManyServices {
  private ManyServices() {}

  public static ValidatedMesh mesh(int services) {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < services; i++) {
      yaml.append(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: s%1$d, namespace: shop}
          spec:
            selector: {app: s%1$d}
            ports: [{name: http, port: %2$d}]
          ---
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: s%1$d, namespace: shop}
          spec:
            hosts: [s%1$d]
            http:
              - route:
                  - {destination: {host: s%1$d, subset: v1}, weight: 90}
                  - {destination: {host: s%1$d, subset: v2}, weight: 10}
          ---
          apiVersion: networking.istio.io/v1
          kind: DestinationRule
          metadata: {name: s%1$d, namespace: shop}
          spec:
            host: s%1$d
            subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
          ---
          """
              .formatted(i, 9000 + i % 10));
    }
    return MeshText.valid(yaml.toString());
  }

  public static MeshInventory inventory(int services) {
    List<WorkloadInstance> instances = new ArrayList<>();
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < services; i++) {
      numbers.put("shop/s" + i, i + 1);
      for (int replica = 0; replica < 3; replica++) {
        instances.add(instance(i, replica, true));
      }
    }
    return new MeshInventory(instances, numbers, "");
  }

  public static WorkloadInstance instance(int service, int replica, boolean ready) {
    String version = replica == 2 ? "v2" : "v1";
    return new WorkloadInstance(
        "s" + service + "-" + version + "-" + replica,
        "shop",
        "s" + service + "-" + version,
        "s" + service,
        Map.of("app", "s" + service, "version", version),
        "10." + service / 250 + "." + service % 250 + "." + (replica + 1),
        Map.of(),
        Locality.NONE,
        ready,
        true);
  }

  /** Replica {@code number}, of the first service, in a mesh with explicit capture. */
  public static ProxyNode node(int number) {
    return new ProxyNode(
        "sidecar~" + number,
        Role.SIDECAR,
        "shop",
        "s0-v1",
        "s0-v1-" + number,
        "s0",
        Map.of("app", "s0", "version", "v1"),
        new Capture.Explicit(
            "127.64.2." + number, "127.64.1." + number, "127.64." + (16 + number) + "."));
  }
}
