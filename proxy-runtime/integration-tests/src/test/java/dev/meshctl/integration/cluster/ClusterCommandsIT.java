package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ForwardedPort;
import dev.meshctl.integration.cluster.MeshctlInProcess.Said;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are told a cluster, on a real API server. */
class ClusterCommandsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");

  @Test
  void analyze_tells_what_is_wrong_with_the_mesh_of_a_cluster_at_the_lines_of_kubectl()
      throws Exception {
    String namespace = CLUSTER.namespace("analyze");
    CLUSTER.apply(service(namespace, "cart", 80)).text();

    Said said = run("analyze");

    String place = "cluster/" + namespace + "/Service/cart:";
    assertThat(said.out()).contains("MESH0121 Service " + namespace + "/cart (" + place);
    String line = said.out().substring(said.out().indexOf(place) + place.length());
    int number = Integer.parseInt(line.substring(0, line.indexOf(':')));
    List<String> printed =
        run("diff", "-f", file(service(namespace, "cart", 80)).toString()).out().lines().toList();
    assertThat(printed).as("a folder that says what the cluster holds changes nothing").isEmpty();
    assertThat(number).isGreaterThan(1);
  }

  @Test
  void analyze_of_a_folder_over_a_cluster_tells_only_what_it_would_bring() throws Exception {
    String namespace = CLUSTER.namespace("over");
    CLUSTER.apply(service(namespace, "cart", 80)).text();
    Path folder =
        file(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: cart, namespace: %s}
            spec:
              hosts: [cart]
              http: [{route: [{destination: {host: card}}]}]
            """
                .formatted(namespace));

    Said said = run("analyze", "-f", folder.toString());

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out())
        .contains("MESH0102 VirtualService " + namespace + "/cart")
        .contains("did you mean 'cart'")
        .doesNotContain("MESH0121");
  }

  @Test
  void diff_shows_what_applying_a_folder_would_change_with_what_the_server_fills_in()
      throws Exception {
    String namespace = CLUSTER.namespace("diff");
    CLUSTER.apply(service(namespace, "cart", 80)).text();

    Said said = run("diff", "-f", file(service(namespace, "cart", 81)).toString());

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).contains("-    port: 80\n+    port: 81\n");
    assertThat(said.out().lines().filter(each -> each.startsWith("--- "))).hasSize(1);
    assertThat(
            CLUSTER
                .kubectl(
                    "-n", namespace, "get", "svc", "cart", "-o", "jsonpath={.spec.ports[0].port}")
                .text())
        .as("nothing was changed")
        .isEqualTo("80");
  }

  @Test
  void who_may_not_read_a_kind_is_told_which_permission_is_missing() throws Exception {
    String namespace = CLUSTER.namespace("reader");
    CLUSTER.kubectl("-n", namespace, "create", "serviceaccount", "nobody").text();
    String token = CLUSTER.kubectl("-n", namespace, "create", "token", "nobody").text().strip();
    Path copy =
        Files.writeString(scratch.resolve("kubeconfig"), Files.readString(CLUSTER.kubeconfig()));
    String as = "--kubeconfig=" + copy;
    CLUSTER.kubectl(as, "config", "set-credentials", "nobody", "--token=" + token).text();
    CLUSTER.kubectl(as, "config", "set-context", "--current", "--user=nobody").text();

    Said analyzed = runWith(copy, "analyze");
    assertThat(analyzed.out())
        .contains("MESH0211 services")
        .contains("expected: the verbs list and watch on services");

    Said asked = runWith(copy, "proxy", "status");
    assertThat(asked.exitCode()).isEqualTo(1);
    assertThat(asked.err())
        .contains("cannot get resource \"configmaps\"")
        .contains("fix: ask for a role that allows it");
  }

  @Test
  void a_cluster_without_a_mesh_is_said_to_have_none() {
    Said asked = run("proxy", "status", "--system-namespace", "nowhere");

    assertThat(asked.exitCode()).isEqualTo(1);
    assertThat(asked.err())
        .contains("namespace nowhere of ")
        .contains("has no mesh")
        .contains("fix: install one with meshctl install");
  }

  @Test
  void a_port_of_a_pod_is_reached_through_the_api_server() throws Exception {
    Assumptions.assumeTrue(CLUSTER.hasNodes(), "needs nodes");
    String namespace = CLUSTER.namespace("forward");
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: %s}
            spec:
              containers:
              - name: web
                image: %s
                imagePullPolicy: IfNotPresent
                command: [busybox, httpd, -f, -p, "8080", -h, /etc]
            """
                .formatted(namespace, ClusterFixture.TOOL_IMAGE))
        .text();
    CLUSTER.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
    try (ClusterConnection connection = CLUSTER.connect();
        ForwardedPort port = connection.forward(namespace, "web", 8080);
        HttpClient http = HttpClient.newHttpClient()) {
      URI name = URI.create("http:/" + port.local() + "/hostname");
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() ->
              http.send(HttpRequest.newBuilder(name).build(), HttpResponse.BodyHandlers.ofString())
                  .body()
                  .strip()
                  .equals("web"));
    }
  }

  private static String service(String namespace, String name, int port) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s}
    spec:
      clusterIP: None
      selector: {app: %s}
      ports: [{name: http, port: %d}]
    """
        .formatted(name, namespace, name, port);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(scratch, "folder", ".yaml"), text);
  }

  private Said run(String... words) {
    return runWith(CLUSTER.kubeconfig(), words);
  }

  private Said runWith(Path kubeconfig, String... words) {
    return new MeshctlInProcess(scratch, List.of()).run(kubeconfig, words);
  }
}
