package dev.meshctl.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.source.ParsedDocuments;
import dev.meshctl.model.source.YamlReader;
import dev.meshctl.model.validation.MeshValidator;
import dev.meshctl.model.validation.ValidationResult;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import dev.meshctl.model.xds.XdsSnapshot;
import dev.meshctl.model.xds.translation.MeshTranslation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** AuthorizationPolicies as they are written, over real sockets: two ports of one workload. */
class PoliciesOverSocketsTest {
  /** Where the sidecar listens; the workload has the same ports at 127.0.0.1. */
  private static final String PROXY = "127.64.77.1";

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backend web = open(new Backend("web"));
  private final Backend admin = open(new Backend("admin"));
  private final DataPlane plane =
      open(
          DataPlane.start(
              Snapshots.settings("web", 1), Optional.of(new TestAuthority().issue("web"))));

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private ValidationResult read(String spec) {
    String text =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: %d}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: admin, namespace: default}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: %d}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: doors, namespace: default}
        spec: %s
        """
            .formatted(web.address().port(), admin.address().port(), spec);
    return validated(text);
  }

  private static ValidationResult validated(String text) {
    ParsedDocuments parsed = YamlReader.read("mesh.yaml", text);
    return MeshValidator.validate(
        "cluster.local", "istio-system", parsed.resources(), parsed.diagnostics());
  }

  private static WorkloadInstance instance(String address, boolean inMesh) {
    return new WorkloadInstance(
        "web-0",
        "default",
        "web",
        "web",
        Map.of("app", "web", "version", "v1"),
        address,
        Map.of(),
        Locality.NONE,
        true,
        inMesh);
  }

  private void apply(String spec) {
    WorkloadInstance instance = instance(PROXY, true);
    apply(
        read(spec),
        instance,
        new ProxyNode(
            "sidecar~web-0",
            ProxyNode.Role.SIDECAR,
            "default",
            "web",
            "web-0",
            "web",
            instance.labels(),
            new ProxyNode.Capture.Explicit(PROXY, "127.0.0.1", "127.64.78.")));
  }

  private void apply(ValidationResult result, WorkloadInstance instance, ProxyNode node) {
    assertThat(result).isInstanceOf(ValidationResult.Valid.class);
    XdsSnapshot all =
        MeshTranslation.of(
                ((ValidationResult.Valid) result).mesh(),
                new MeshInventory(List.of(instance), Map.of(), ""))
            .snapshotFor(node);
    assertThat(plane.accept(all)).isEmpty();
  }

  private int status(Backend backend, String path) throws Exception {
    return status(backend.address().port(), path);
  }

  private int status(int port, String path) throws Exception {
    URI uri = URI.create("http://" + PROXY + ":" + port + path);
    return client
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void a_policy_of_a_service_covers_its_port_and_no_other() throws Exception {
    apply("{targetRefs: [{kind: Service, name: web}], action: DENY, rules: [{}]}");
    assertThat(status(web, "/")).isEqualTo(403);
    assertThat(status(admin, "/")).isEqualTo(200);
  }

  @Test
  void a_policy_of_a_gateway_covers_its_listeners_and_no_others() throws Exception {
    int open = freePort();
    int closed = freePort();
    String gateway =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: %s, namespace: default}
        spec:
          gatewayClassName: meshctl
          listeners: [{name: http, port: %d, protocol: HTTP}]
        ---
        """;
    String rest =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: meshctl}
        spec: {controllerName: meshctl.dev/gateway-controller}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web, namespace: default}
        spec:
          parentRefs: [{name: public}, {name: internal}]
          rules: [{backendRefs: [{name: web, port: 80}]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: %d}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: doors, namespace: default}
        spec:
          targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: internal}]
          action: DENY
          rules: [{to: [{operation: {paths: ["/secret*"]}}]}]
        """
            .formatted(web.address().port());
    apply(
        validated(gateway.formatted("public", open) + gateway.formatted("internal", closed) + rest),
        instance("127.0.0.1", false),
        new ProxyNode(
            "gateway~edge-0",
            ProxyNode.Role.GATEWAY,
            "default",
            "edge",
            "edge-0",
            "edge",
            Map.of("istio", "edge"),
            new ProxyNode.Capture.Edge(PROXY)));
    assertThat(status(closed, "/secret")).isEqualTo(403);
    assertThat(status(closed, "/")).isEqualTo(200);
    assertThat(status(open, "/secret")).isEqualTo(200);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(PROXY))) {
      return socket.getLocalPort();
    }
  }

  @Test
  void a_port_and_a_range_of_addresses_deny_what_they_name() throws Exception {
    apply(
        """
        {action: DENY, rules: [{from: [{source: {ipBlocks: ["127.0.0.0/8"]}}],
                                to: [{operation: {ports: ["%d"]}}]}]}
        """
            .formatted(admin.address().port())
            .replaceAll("\\s+", " "));
    assertThat(status(web, "/")).isEqualTo(200);
    assertThat(status(admin, "/")).isEqualTo(403);
  }

  @Test
  void a_policy_with_a_malformed_value_is_refused_and_the_one_in_force_stays() throws Exception {
    apply("{action: DENY, rules: [{to: [{operation: {paths: [\"/secret\"]}}]}]}");
    ValidationResult bad =
        read("{action: DENY, rules: [{to: [{operation: {ports: [\"808O\"]}}]}]}");
    assertThat(bad).isInstanceOf(ValidationResult.Invalid.class);
    assertThat(bad.diagnostics().toString())
        .contains("spec.rules[0].to[0].operation.ports[0]: '808O'");
    assertThat(status(web, "/secret")).isEqualTo(403);
    assertThat(status(web, "/")).isEqualTo(200);
  }
}
