package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.cluster.ClusterAccess;
import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterException;
import dev.meshctl.cluster.reading.ClusterContents;
import dev.meshctl.cluster.reading.ClusterSource;
import dev.meshctl.model.validation.Diagnostic;
import dev.meshctl.model.validation.ObjectwiseValidator.Candidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a mesh reads of a real API server, and what becomes of it. */
class ClusterSourceIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");

  private final AtomicInteger changes = new AtomicInteger();
  private Optional<ClusterConnection> connection = Optional.empty();
  private Optional<ClusterSource> source = Optional.empty();

  @AfterEach
  void close() {
    source.ifPresent(ClusterSource::close);
    connection.ifPresent(ClusterConnection::close);
  }

  @Test
  void objects_come_change_and_go_and_only_what_changed_is_read_again() throws Exception {
    String namespace = CLUSTER.namespace("follow");
    CLUSTER.apply(service(namespace, "cart", 80)).text();
    ClusterSource source = start(CLUSTER.kubeconfig());
    Candidate other = find(source, "Namespace/" + namespace).orElseThrow();
    assertThat(find(source, namespace + "/Service/cart").orElseThrow().findings())
        .as("a Service that the API server has made complete reads without findings")
        .noneMatch(finding -> finding.severity() == Diagnostic.Severity.ERROR);

    Candidate before = find(source, namespace + "/Service/cart").orElseThrow();
    CLUSTER.apply(service(namespace, "cart", 81)).text();
    await()
        .atMost(SOON)
        .until(() -> !find(source, namespace + "/Service/cart").equals(Optional.of(before)));
    assertThat(find(source, "Namespace/" + namespace).orElseThrow()).isSameAs(other);

    CLUSTER.kubectl("-n", namespace, "delete", "service", "cart").text();
    await().atMost(SOON).until(() -> find(source, namespace + "/Service/cart").isEmpty());
  }

  @Test
  void a_kind_is_followed_once_its_definition_comes_and_forgotten_when_it_goes() throws Exception {
    String namespace = CLUSTER.namespace("late");
    ClusterSource source = start(CLUSTER.kubeconfig());
    assertThat(source.contents().findings()).as("an absent kind is no finding").isEmpty();

    CLUSTER.apply(DEFINITION).text();
    try {
      CLUSTER
          .kubectl("wait", "--for=condition=Established", "crd/telemetries.telemetry.istio.io")
          .text();
      await()
          .atMost(SOON)
          .until(() ->
              CLUSTER
                      .apply(
                          """
                          apiVersion: telemetry.istio.io/v1
                          kind: Telemetry
                          metadata: {name: quiet, namespace: %s}
                          spec: {accessLogging: [{disabled: true}]}
                          """
                              .formatted(namespace))
                      .exit()
                  == 0);
      await().atMost(SOON).until(() -> find(source, namespace + "/Telemetry/quiet").isPresent());
    } finally {
      CLUSTER.kubectl("delete", "crd", "telemetries.telemetry.istio.io").text();
    }
    await().atMost(SOON).until(() -> find(source, namespace + "/Telemetry/quiet").isEmpty());
    assertThat(source.contents().findings()).isEmpty();
  }

  @Test
  void a_kind_that_may_not_be_read_is_named_with_its_permission_until_it_may() throws Exception {
    String namespace = CLUSTER.namespace("rbac");
    CLUSTER.kubectl("-n", namespace, "create", "serviceaccount", "reader").text();
    CLUSTER.apply(reader(namespace, "")).text();
    CLUSTER.apply(service(namespace, "cart", 80)).text();
    try {
      ClusterSource source = start(kubeconfigOf(namespace, "reader"));
      assertThat(source.contents().findings())
          .anySatisfy(finding -> {
            assertThat(finding.code()).isEqualTo("MESH0211");
            assertThat(finding.subject()).isEqualTo("services");
            assertThat(finding.problem()).contains("list and watch on services");
          });
      assertThat(find(source, "Namespace/" + namespace)).as("what may be read is").isPresent();

      CLUSTER.apply(reader(namespace, ", services")).text();

      await().atMost(SOON).until(() -> find(source, namespace + "/Service/cart").isPresent());
      await()
          .atMost(SOON)
          .until(() ->
              source.contents().findings().stream()
                  .noneMatch(finding -> finding.subject().equals("services")));
    } finally {
      CLUSTER.kubectl("delete", "clusterrole,clusterrolebinding", namespace).text();
    }
  }

  @Test
  void what_is_known_outlives_the_api_server_and_news_come_when_it_is_back() throws Exception {
    String namespace = CLUSTER.namespace("outage");
    CLUSTER.apply(service(namespace, "cart", 80)).text();
    ClusterSource source = start(CLUSTER.kubeconfig());

    CLUSTER.kill("apiserver");
    try {
      await()
          .atMost(SOON)
          .until(() ->
              source.contents().findings().stream().anyMatch(f -> f.code().equals("MESH0215")));
      assertThat(find(source, namespace + "/Service/cart")).isPresent();
    } finally {
      CLUSTER.restore();
    }
    await().atMost(SOON).until(() -> CLUSTER.apply(service(namespace, "pay", 80)).exit() == 0);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> find(source, namespace + "/Service/pay").isPresent());
    await().atMost(SOON).until(() -> source.contents().findings().isEmpty());
  }

  @Test
  void secrets_are_followed_for_tls_and_others_only_when_a_config_names_them() throws Exception {
    String namespace = CLUSTER.namespace("secrets");
    CLUSTER
        .kubectl("-n", namespace, "create", "secret", "generic", "db", "--from-literal=p=hidden")
        .text();
    CLUSTER
        .apply(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: shown, namespace: %s}
            type: kubernetes.io/tls
            stringData: {tls.crt: "", tls.key: ""}
            """
                .formatted(namespace))
        .text();
    CLUSTER.kubectl("-n", namespace, "create", "configmap", "istio", "--from-literal=mesh=").text();
    ClusterSource source = start(CLUSTER.kubeconfig());

    assertThat(find(source, namespace + "/Secret/shown")).isPresent();
    assertThat(find(source, namespace + "/Secret/db")).isEmpty();
    assertThat(find(source, namespace + "/ConfigMap/istio")).isPresent();
    assertThat(find(source, namespace + "/ConfigMap/kube-root-ca.crt")).isEmpty();
  }

  @Test
  void a_thousand_services_are_read_and_one_change_among_them_is_one_change() throws Exception {
    String namespace = CLUSTER.namespace("many");
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      all.append(service(namespace, "s" + i, 80)).append("---\n");
    }
    CLUSTER.kubectl("create", "-f", file("many.yaml", all.toString()).toString()).text();
    ClusterSource source = start(CLUSTER.kubeconfig());
    assertThat(
            source.contents().candidates().stream()
                .filter(each -> each.source().startsWith("cluster/" + namespace + "/Service/")))
        .hasSize(1000);
    List<Candidate> before = source.contents().candidates();

    String patch = "[{\"op\": \"replace\", \"path\": \"/spec/ports/0/port\", \"value\": 81}]";
    CLUSTER.kubectl("-n", namespace, "patch", "svc", "s7", "--type=json", "-p", patch).text();
    await()
        .atMost(SOON)
        .until(() ->
            !find(source, namespace + "/Service/s7")
                .equals(find(before, namespace + "/Service/s7")));
    assertThat(find(source, namespace + "/Service/s8").orElseThrow())
        .isSameAs(find(before, namespace + "/Service/s8").orElseThrow());
  }

  private static final String DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: telemetries.telemetry.istio.io}
      spec:
        group: telemetry.istio.io
        names: {kind: Telemetry, plural: telemetries, singular: telemetry}
        scope: Namespaced
        versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
      """;

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

  private static String reader(String name, String more) {
    return """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: %1$s}
    rules:
    - {apiGroups: [""], resources: [namespaces%2$s], verbs: [get, list, watch]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: %1$s}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
    subjects: [{kind: ServiceAccount, name: reader, namespace: %1$s}]
    """
        .formatted(name, more);
  }

  private Path kubeconfigOf(String namespace, String account) throws IOException {
    String token = CLUSTER.kubectl("-n", namespace, "create", "token", account).text();
    Path copy = file("as-" + account, Files.readString(CLUSTER.kubeconfig()));
    String kubectl = "--kubeconfig=" + copy;
    CLUSTER.kubectl(kubectl, "config", "set-credentials", account, "--token=" + token).text();
    CLUSTER.kubectl(kubectl, "config", "set-context", "--current", "--user=" + account).text();
    return copy;
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(scratch.resolve(name), text);
  }

  private ClusterSource start(Path kubeconfig) throws ClusterException {
    ClusterConnection opened =
        ClusterConnection.open(
            new ClusterAccess.Kubeconfig(Optional.of(kubeconfig), Optional.empty()));
    connection = Optional.of(opened);
    ClusterSource started = ClusterSource.start(opened, changes::incrementAndGet);
    source = Optional.of(started);
    await().atMost(SOON).until(() -> started.contents().complete());
    return started;
  }

  private static Optional<Candidate> find(ClusterSource source, String name) {
    ClusterContents contents = source.contents();
    return find(contents.candidates(), name);
  }

  private static Optional<Candidate> find(List<Candidate> candidates, String name) {
    return candidates.stream().filter(each -> each.source().equals("cluster/" + name)).findFirst();
  }
}
