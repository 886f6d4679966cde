package dev.meshctl.scale;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration of many services, as a control plane watches it, and changes to it. Service 0 has
 * a route and changing endpoints, service 1 a policy; all are HTTP at port 80.
 */
final class ScaleMesh {
  static final String NAMESPACE = "bench";
  static final String ACCOUNT = "bench";
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: svc-%1$d, namespace: bench}
      spec: {selector: {app: svc-%1$d}, ports: [{name: http, port: 80, targetPort: 8080}]}
      ---
      """;
  private static final String ROUTE =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: svc-0, namespace: bench}
      spec:
        hosts: [svc-0]
        http:
          - timeout: %ds
            route: [{destination: {host: svc-0}}]
      """;
  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: svc-1, namespace: bench}
      spec:
        selector: {matchLabels: {app: svc-1}}
        rules:
          - from: [{source: {namespaces: [bench]}}]
            to: [{operation: {paths: [/v%d*]}}]
      """;

  private final Path folder;
  private final int services;
  private final int endpoints;
  private int round;

  ScaleMesh(Path folder, int services, int endpoints) throws IOException {
    this.folder = folder;
    this.services = services;
    this.endpoints = endpoints;
    Files.createDirectories(config());
    StringBuilder all =
        new StringBuilder(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: bench, namespace: bench}
            ---
            """);
    for (int i = 0; i < services; i++) {
      all.append(SERVICE.formatted(i));
    }
    Files.writeString(config().resolve("services.yaml"), all);
    changeRoute();
    changePolicy();
    changeEndpoint();
  }

  Path config() {
    return folder.resolve("config");
  }

  Path inventory() {
    return folder.resolve("inventory.json");
  }

  static String cluster(int service) {
    return "outbound|80||svc-" + service + "." + NAMESPACE + ".svc.cluster.local";
  }

  static String virtualHost(int service) {
    return "80/svc-" + service + "." + NAMESPACE + ".svc.cluster.local:80";
  }

  /** Moves the first endpoint of service 0 to another address. */
  void changeEndpoint() throws IOException {
    round++;
    List<WorkloadInstance> instances = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      int service = i % services;
      String address =
          i == 0
              ? "10.255." + round / 250 + "." + (round % 250 + 1)
              : "10." + (i >> 16) + "." + ((i >> 8) & 255) + "." + (i & 255);
      instances.add(
          new WorkloadInstance(
              "svc-" + service + "-" + i,
              NAMESPACE,
              "svc-" + service,
              ACCOUNT,
              Map.of("app", "svc-" + service),
              address,
              Map.of(),
              Locality.NONE,
              true,
              true));
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < services; i++) {
      numbers.put(NAMESPACE + "/svc-" + i, i + 1);
    }
    replace(inventory(), ConfigFiles.json(new MeshInventory(instances, numbers, "10.96.0.")));
  }

  /** Another timeout for service 0. */
  void changeRoute() throws IOException {
    replace(config().resolve("route.yaml"), ROUTE.formatted(++round));
  }

  /** Other paths for service 1, which concerns its own replicas alone. */
  void changePolicy() throws IOException {
    replace(config().resolve("policy.yaml"), POLICY.formatted(++round));
  }

  /** At once and whole; beside the folder first, where nobody looks. */
  private void replace(Path file, String text) throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
