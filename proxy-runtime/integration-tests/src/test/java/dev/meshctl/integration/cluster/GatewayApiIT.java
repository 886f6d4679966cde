package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.install.Removal;
import dev.meshctl.model.testkit.Judges;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Gateway API's own kinds on a real API server, with the control plane under the roles that an
 * installation gives it: what is made for a Gateway, what is said of it and its routes, and that
 * all goes with it. Nodes and balancers are played by the test.
 */
class GatewayApiIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  private static Path kinds = Path.of("");

  @TempDir Path scratch = Path.of("");

  private HostedControlPlane mesh;
  private String shop = "";

  @BeforeAll
  static void kinds() {
    kinds = Judges.gatewayApi();
    CLUSTER.kubectl("apply", "--server-side", "-f", kinds.toString()).text();
    for (String kind : List.of("gatewayclasses", "gateways", "httproutes")) {
      CLUSTER
          .kubectl(
              "wait", "--for=condition=Established", "crd/" + kind + ".gateway.networking.k8s.io")
          .text();
    }
  }

  @AfterAll
  static void without_kinds() {
    CLUSTER.kubectl("delete", "--ignore-not-found", "-f", kinds.toString());
  }

  @BeforeEach
  void install() throws Exception {
    mesh = new HostedControlPlane(CLUSTER, CLUSTER.namespace("system"), scratch);
    mesh.install("", object -> false);
    shop = CLUSTER.namespace("shop");
    mesh.start("", "one", Map.of("MESHCTL_DEPLOY_GATEWAYS", "true"));
  }

  @AfterEach
  void uninstall() throws Exception {
    CLUSTER.kubectl("delete", "gatewayclass", "--all").text();
    mesh.close();
  }

  @Test
  void a_gateway_gets_what_serves_it_tells_where_and_takes_it_along_when_it_goes() {
    await()
        .atMost(SOON)
        .until(() ->
            CLUSTER
                .kubectl(
                    "get",
                    "gatewayclass",
                    "meshctl",
                    "-o",
                    "jsonpath={.status" + filter("Accepted") + ".status}")
                .out()
                .equals("True"));
    CLUSTER.apply(gateway("edge", "infrastructure: {labels: {team: web}}", "")).text();
    CLUSTER.apply(ROUTE.formatted(shop)).text();

    await()
        .atMost(SOON)
        .until(() ->
            said("gateway/edge", "Programmed", "reason").equals("AddressNotAssigned")
                && said("gateway/edge", "Accepted", "status").equals("True"));
    assertThat(get("service/edge-meshctl", "{.spec.type} {.spec.ports[*].port}"))
        .isEqualTo("LoadBalancer 80");
    assertThat(get("deployment/edge-meshctl", "{.spec.template.metadata.labels.team}"))
        .isEqualTo("web");
    assertThat(get("httproute/cart", "{.status.parents[0].controllerName}"))
        .isEqualTo("meshctl.dev/gateway-controller");
    assertThat(get("httproute/cart", "{.status.parents[0]" + filter("Accepted") + ".status}"))
        .isEqualTo("True");
    assertThat(get("httproute/cart", "{.status.parents[0]" + filter("ResolvedRefs") + ".reason}"))
        .isEqualTo("BackendNotFound");

    status("service/edge-meshctl", "{\"loadBalancer\": {\"ingress\": [{\"ip\": \"192.0.2.7\"}]}}");
    await()
        .atMost(SOON)
        .until(() -> said("gateway/edge", "Programmed", "reason").equals("Pending"));
    assertThat(get("gateway/edge", "{.status.addresses}"))
        .isEqualTo("[{\"type\":\"IPAddress\",\"value\":\"192.0.2.7\"}]");

    aPodIsReady();
    await().atMost(SOON).until(() -> said("gateway/edge", "Programmed", "status").equals("True"));
    assertThat(get("gateway/edge", "{.status.listeners[0].attachedRoutes}")).isEqualTo("1");

    CLUSTER.kubectl("-n", shop, "delete", "gateway", "edge").text();
    await()
        .atMost(SOON)
        .until(() ->
            CLUSTER
                .kubectl(
                    "-n",
                    shop,
                    "get",
                    "deployments,services,serviceaccounts",
                    "-l",
                    "gateway.networking.k8s.io/gateway-name=edge",
                    "-o",
                    "name")
                .out()
                .isEmpty());
  }

  @Test
  void a_service_without_a_balancer_is_an_address_and_what_others_have_deleted_comes_back() {
    CLUSTER.apply(gateway("inside", "", "networking.istio.io/service-type: ClusterIP")).text();

    await()
        .atMost(SOON)
        .until(() ->
            get("gateway/inside", "{.status.addresses[0].value}")
                .equals("inside-meshctl." + shop + ".svc.cluster.local"));
    CLUSTER.kubectl("-n", shop, "delete", "service", "inside-meshctl").text();
    await()
        .atMost(SOON)
        .until(() -> get("service/inside-meshctl", "{.spec.type}").equals("ClusterIP"));
  }

  @Test
  void what_is_somebody_elses_is_not_taken_and_a_gateway_elsewhere_gets_nothing() {
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: edge-meshctl, namespace: %s}
            spec: {ports: [{port: 8080}]}
            """
                .formatted(shop))
        .text();
    CLUSTER.apply(gateway("edge", "", "")).text();
    CLUSTER.apply(gateway("apart", "addresses: [{type: IPAddress, value: 192.0.2.9}]", "")).text();

    await()
        .atMost(SOON)
        .until(() ->
            said("gateway/edge", "Programmed", "message")
                .contains("Service " + shop + "/edge-meshctl is there and not of this Gateway"));
    await().atMost(SOON).until(() -> said("gateway/apart", "Programmed", "status").equals("True"));
    assertThat(get("service/edge-meshctl", "{.spec.ports[*].port}")).isEqualTo("8080");
    assertThat(get("deployments", "{.items[*].metadata.name}")).isEmpty();
  }

  @Test
  void uninstalling_takes_it_away_once_nobody_is_left_who_would_make_it_again() throws Exception {
    CLUSTER.apply(gateway("edge", "", "")).text();
    await()
        .atMost(SOON)
        .until(() -> get("deployments", "{.items[*].metadata.name}").equals("edge-meshctl"));
    try (ClusterConnection connection = CLUSTER.connect()) {
      ClusterObject plane =
          mesh.plan("").objects().stream()
              .filter(object -> object.kind().kind().equals("Deployment"))
              .findFirst()
              .orElseThrow();
      ObjectNode tree = plane.tree().deepCopy();
      tree.withObjectProperty("spec").put("replicas", 0);
      connection.objects().apply(new ClusterObject(tree), ClusterObjects.Apply.FORCED);

      List<String> going =
          new Removal(connection.objects())
              .inventory().stream()
                  .filter(object ->
                      List.of("Deployment", "GatewayClass").contains(object.kind().kind()))
                  .map(ClusterObject::name)
                  .toList();

      assertThat(going).containsExactly("meshctl-control-plane", "edge-meshctl", "meshctl");
    }
  }

  @Test
  void a_gateway_of_another_revision_is_left_to_that_one() {
    CLUSTER.apply(gateway("mine", "", "networking.istio.io/service-type: ClusterIP")).text();
    CLUSTER
        .apply(
            gateway("theirs", "", "")
                .replace("metadata: {", "metadata: {labels: {istio.io/rev: blue}, "))
        .text();

    await()
        .atMost(SOON)
        .until(() -> get("deployments", "{.items[*].metadata.name}").equals("mine-meshctl"));
    await().atMost(SOON).until(() -> said("gateway/mine", "Accepted", "status").equals("True"));
    assertThat(said("gateway/theirs", "Accepted", "status")).isEqualTo("Unknown");
    assertThat(get("deployments", "{.items[*].metadata.name}")).isEqualTo("mine-meshctl");
  }

  /** What a node and its kubelet say of the pod that the Deployment has. */
  private void aPodIsReady() {
    await().atMost(SOON).until(() -> !get("pods", "{.items[*].metadata.name}").isEmpty());
    status(
        "pod/" + get("pods", "{.items[0].metadata.name}"),
        """
        {"phase": "Running", "conditions": [
          {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
        """);
  }

  private void status(String object, String status) {
    CLUSTER
        .kubectl(
            "-n",
            shop,
            "patch",
            object,
            "--subresource=status",
            "--type=merge",
            "--patch={\"status\": " + status + "}")
        .text();
  }

  private String said(String object, String type, String field) {
    return get(object, "{.status" + filter(type) + "." + field + "}");
  }

  private static String filter(String type) {
    return ".conditions[?(@.type==\"" + type + "\")]";
  }

  private String get(String what, String path) {
    return CLUSTER.kubectl("-n", shop, "get", what, "-o", "jsonpath=" + path).out();
  }

  private String gateway(String name, String spec, String annotation) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: %s, namespace: %s, annotations: {%s}}
    spec:
      gatewayClassName: meshctl
      listeners: [{name: http, port: 80, protocol: HTTP}]
      %s
    """
        .formatted(name, shop, annotation, spec);
  }

  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: cart, namespace: %s}
      spec:
        parentRefs: [{name: edge}]
        rules: [{backendRefs: [{name: cart, port: 80}]}]
      """;
}
