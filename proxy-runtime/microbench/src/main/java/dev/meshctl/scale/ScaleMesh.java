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
import java.util.stream.IntStream;

/**
 * A configuration of many services, as a control plane watches it, and changes to it. Service 0 has
 * a route and changing endpoints, service 1 a policy; all are HTTP at port 80. Services take turns
 * in the namespaces; where there are several, the sidecars of each reach its own services only.
 */
final class ScaleMesh {
  static final String ACCOUNT = "bench";
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: svc-%1$d, namespace: %2$s}
      spec: {selector: {app: svc-%1$d}, ports: [{name: http, port: 80, targetPort: 8080}]}
      ---
      """;
  private static final String ROUTE =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: svc-0, namespace: bench-0}
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
      metadata: {name: svc-1, namespace: %2$s}
      spec:
        selector: {matchLabels: {app: svc-1}}
        rules:
          - from: [{source: {namespaces: [%2$s]}}]
            to: [{operation: {paths: [/v%1$d*]}}]
      """;

  private static final String NAMESPACED =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: bench, namespace: %1$s}
      ---
      """;
  private static final String OWN_ONLY =
      """
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: default, namespace: %1$s}
      spec: {egress: [{hosts: ["./*"]}]}
      ---
      """;

  private final Path folder;
  private final int namespaces;
  private final int services;
  private final int endpoints;
  private int round;

  ScaleMesh(Path folder, int namespaces, int services, int endpoints) throws IOException {
    this.folder = folder;
    this.namespaces = namespaces;
    this.services = services;
    this.endpoints = endpoints;
    Files.createDirectories(config());
    StringBuilder all = new StringBuilder();
    for (String namespace : namespaces()) {
      all.append(NAMESPACED.formatted(namespace));
      if (namespaces > 1) {
        all.append(OWN_ONLY.formatted(namespace));
      }
    }
    for (int i = 0; i < services; i++) {
      all.append(SERVICE.formatted(i, namespace(i)));
    }
    Files.writeString(config().resolve("services.yaml"), all);
    changeRoute();
    changePolicy();
    changeEndpoint();
  }

  List<String> namespaces() {
    return IntStream.range(0, namespaces).mapToObj(this::namespace).toList();
  }

  String namespace(int service) {
    return "bench-" + service % namespaces;
  }

  /** Of so many proxies that take turns in the services, those of one service. */
  int proxiesOf(int service, int proxies) {
    return (proxies - service + services - 1) / services;
  }

  /** Of so many proxies that take turns in the services, those that reach service 0. */
  int proxiesReachingFirst(int proxies) {
    int reaching = 0;
    for (int i = 0; i < proxies; i++) {
      reaching += namespace(i % services).equals(namespace(0)) ? 1 : 0;
    }
    return reaching;
  }

  Path config() {
    return folder.resolve("config");
  }

  Path inventory() {
    return folder.resolve("inventory.json");
  }

  String cluster(int service) {
    return "outbound|80||" + host(service);
  }

  private String host(int service) {
    return "svc-" + service + "." + namespace(service) + ".svc.cluster.local";
  }

  String virtualHost(int service) {
    return "80/" + host(service) + ":80";
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
              namespace(service),
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
      numbers.put(namespace(i) + "/svc-" + i, i + 1);
    }
    replace(inventory(), ConfigFiles.json(new MeshInventory(instances, numbers, "10.96.0.")));
  }

  /** Another timeout for service 0. */
  void changeRoute() throws IOException {
    replace(config().resolve("route.yaml"), ROUTE.formatted(++round));
  }

  /** Other paths for service 1, which concerns its own replicas alone. */
  void changePolicy() throws IOException {
    replace(config().resolve("policy.yaml"), POLICY.formatted(++round, namespace(1)));
  }

  /** At once and whole; beside the folder first, where nobody looks. */
  private void replace(Path file, String text) throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
