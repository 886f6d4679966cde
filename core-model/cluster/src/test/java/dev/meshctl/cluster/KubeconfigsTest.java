package dev.meshctl.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.cluster.ClusterAccess.Kubeconfig;
import dev.meshctl.cluster.ClusterException.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigsTest {
  private static final String TWO_CONTEXTS =
      """
      apiVersion: v1
      kind: Config
      current-context: blue
      clusters:
      - {name: north, cluster: {server: "https://127.0.0.1:6443"}}
      - {name: south, cluster: {server: "https://127.0.0.1:7443"}}
      users:
      - {name: me, user: {token: secret-of-mine}}
      contexts:
      - {name: blue, context: {cluster: north, user: me, namespace: shop}}
      - {name: green, context: {cluster: south, user: me}}
      - {name: lost, context: {cluster: nowhere, user: me}}
      """;

  @TempDir Path folder;

  @Test
  void the_current_context_says_server_user_and_namespace() throws Exception {
    try (ClusterConnection connection = open(file(TWO_CONTEXTS), Optional.empty())) {
      assertThat(connection.name()).isEqualTo("blue");
      assertThat(connection.server()).hasToString("https://127.0.0.1:6443/");
      assertThat(connection.namespace()).isEqualTo("shop");
      assertThat(connection.bearerToken()).contains("secret-of-mine");
    }
  }

  @Test
  void another_context_is_chosen_by_name() throws Exception {
    try (ClusterConnection connection = open(file(TWO_CONTEXTS), Optional.of("green"))) {
      assertThat(connection.server()).hasToString("https://127.0.0.1:7443/");
      assertThat(connection.namespace()).isEqualTo("default");
    }
  }

  @Test
  void an_unknown_context_is_refused_with_those_that_are_there() throws IOException {
    Path file = file(TWO_CONTEXTS);
    refused(
        () -> open(file, Optional.of("red")),
        file + ": has no context red; choose one of: blue, green, lost");
  }

  @Test
  void a_context_whose_cluster_is_missing_is_refused() throws IOException {
    Path file = file(TWO_CONTEXTS);
    refused(
        () -> open(file, Optional.of("lost")),
        file
            + ": context lost means cluster nowhere, which has no server there;"
            + " add the cluster, or choose another context");
  }

  @Test
  void a_file_without_current_context_asks_for_one() throws IOException {
    Path file = file(TWO_CONTEXTS.replace("current-context: blue\n", ""));
    refused(
        () -> open(file, Optional.empty()),
        file + ": has no current context; say --context NAME (there is: blue, green, lost)");
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    Path file = folder.resolve("none");
    refused(
        () -> open(file, Optional.empty()),
        file + ": there is no such kubeconfig; name a file that exists");
  }

  @Test
  void a_file_that_is_no_kubeconfig_is_named() throws IOException {
    Path file = file("just: [a, text");
    assertThatThrownBy(() -> open(file, Optional.empty()))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith(file + ": is not a kubeconfig (")
        .hasMessageEndingWith("name another with --kubeconfig");
    Path other = file("apiVersion: v1\nkind: Service\n");
    assertThatThrownBy(() -> open(other, Optional.empty()))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith(other.toString());
  }

  @Test
  void nothing_at_all_says_where_was_looked() {
    refused(
        () -> ClusterConnection.open(Kubeconfig.DEFAULT, Map.of(), folder),
        "no cluster is named: KUBECONFIG is not set and "
            + folder.resolve(".kube/config")
            + " does not exist; set KUBECONFIG, or say --kubeconfig FILE");
  }

  @Test
  void the_usual_file_is_read_where_no_other_is_named() throws Exception {
    Files.createDirectories(folder.resolve(".kube"));
    Files.writeString(folder.resolve(".kube/config"), TWO_CONTEXTS);
    try (ClusterConnection connection =
        ClusterConnection.open(Kubeconfig.DEFAULT, Map.of(), folder)) {
      assertThat(connection.name()).isEqualTo("blue");
    }
  }

  @Test
  void several_files_are_merged_and_the_first_wins() throws Exception {
    Path first =
        Files.writeString(
            folder.resolve("first"),
            """
            apiVersion: v1
            kind: Config
            current-context: here
            clusters:
            - {name: here, cluster: {server: "https://127.0.0.1:9443"}}
            contexts:
            - {name: here, context: {cluster: here, user: me}}
            """);
    String listed =
        String.join(
            File.pathSeparator,
            folder.resolve("absent").toString(),
            first.toString(),
            file(TWO_CONTEXTS).toString());
    Map<String, String> environment = Map.of("KUBECONFIG", listed);
    try (ClusterConnection connection =
        ClusterConnection.open(Kubeconfig.DEFAULT, environment, folder)) {
      assertThat(connection.server()).hasToString("https://127.0.0.1:9443/");
      assertThat(connection.bearerToken()).contains("secret-of-mine");
    }
    try (ClusterConnection connection =
        ClusterConnection.open(
            new Kubeconfig(Optional.empty(), Optional.of("green")), environment, folder)) {
      assertThat(connection.server()).hasToString("https://127.0.0.1:7443/");
    }
  }

  @Test
  void a_server_that_nobody_answers_at_is_told_as_such() throws Exception {
    // Port 1 of loopback: nobody listens there.
    Path file = file(TWO_CONTEXTS.replace("127.0.0.1:6443", "127.0.0.1:1"));
    try (ClusterConnection connection = open(file, Optional.empty())) {
      assertThatThrownBy(
              () -> connection.objects().list(new ObjectKind("v1", "Pod"), Optional.empty(), ""))
          .isInstanceOfSatisfying(
              ClusterException.class,
              failed -> {
                assertThat(failed.reason()).isEqualTo(Reason.UNREACHABLE);
                assertThat(failed)
                    .hasMessage(
                        "could not ask for the kinds of v1: no answer from https://127.0.0.1:1/"
                            + " (connection refused); is the cluster up, and is this its"
                            + " address?");
              });
    }
  }

  @Test
  void a_process_outside_of_pods_is_told_so() {
    assertThatThrownBy(() -> ClusterConnection.inCluster(Map.of(), folder))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith(
            "this process is in no pod of a cluster: KUBERNETES_SERVICE_HOST is not set;");
  }

  @Test
  void a_pod_asks_as_its_service_account_with_the_token_of_the_moment() throws Exception {
    Files.writeString(folder.resolve("token"), "first\n");
    Files.writeString(folder.resolve("namespace"), "meshctl-system");
    try (ClusterConnection connection =
        ClusterConnection.inCluster(
            Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443"),
            folder)) {
      assertThat(connection.server()).hasToString("https://[fd00::1]:6443/");
      assertThat(connection.namespace()).isEqualTo("meshctl-system");
      assertThat(connection.bearerToken()).contains("first");
      Files.writeString(folder.resolve("token"), "second\n");
      assertThat(connection.bearerToken()).contains("second");
    }
  }

  private static ClusterConnection open(Path file, Optional<String> context)
      throws ClusterException {
    return ClusterConnection.open(
        new Kubeconfig(Optional.of(file), context), Map.of(), Path.of("/nonexistent"));
  }

  private static void refused(ThrowingCallable opening, String message) {
    assertThatThrownBy(opening)
        .isInstanceOfSatisfying(
            ClusterException.class,
            failed -> assertThat(failed.reason()).isEqualTo(Reason.CONFIGURATION))
        .hasMessage(message);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("config"), text);
  }
}
