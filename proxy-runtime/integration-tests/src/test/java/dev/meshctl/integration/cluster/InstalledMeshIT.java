package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Our own image, installed: the control plane comes up, keeps its own things, and goes whole. */
class InstalledMeshIT {
  private static final Duration SOON = Duration.ofMinutes(3);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir Path scratch = Path.of("");
  private Set<String> before = Set.of();

  @BeforeAll
  static void image() throws IOException {
    OurImage.load(CLUSTER);
  }

  @BeforeEach
  void look() {
    before = ClusterContent.settled(CLUSTER);
  }

  @AfterEach
  void nothing_is_left() {
    CLUSTER.deleteNamespacesOfTest();
    Result gone = meshctl("uninstall");
    assertThat(gone.exitCode()).as(gone.out() + gone.err()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before));
  }

  @Test
  void the_control_plane_serves_keeps_its_authority_in_the_webhook_and_gives_out_trust()
      throws IOException {
    String shop = CLUSTER.namespace("shop");
    CLUSTER.kubectl("label", "namespace", shop, "istio-injection=enabled").text();

    Result first = install();
    Result again = install();
    Result checked = meshctl("check", "--cluster");

    assertThat(first.exitCode()).as(first.out() + first.err()).isZero();
    assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
    assertThat(again.out()).startsWith("unchanged");
    assertThat(checked.exitCode()).as(checked.out() + checked.err()).isZero();
    assertThat(checked.out())
        .contains("ok       component: Deployment.apps meshctl-system/meshctl-control-plane serves")
        .contains("ok       certificate: the authority of")
        .contains("ok       proxies: 0 of 0 proxies are up to date");
    await()
        .atMost(SOON)
        .until(() ->
            CLUSTER.kubectl("-n", shop, "get", "configmap", "meshctl-ca-root-cert").exit() == 0);
    assertThat(logs()).doesNotContain("forbidden").doesNotContain("MESH0211");
    assertThat(
            CLUSTER
                .kubectl(
                    "-n",
                    "meshctl-system",
                    "get",
                    "pods",
                    "-o",
                    "jsonpath={.items[*].spec.nodeName}")
                .text()
                .split(" "))
        .as("replicas are on different nodes")
        .containsExactlyInAnyOrderElementsOf(CLUSTER.nodes());
  }

  @Test
  void an_authority_that_is_taken_out_of_the_webhook_is_written_anew() {
    assertThat(install().exitCode()).isZero();
    String authority = authority();
    CLUSTER
        .kubectl(
            "patch",
            "mutatingwebhookconfiguration",
            "meshctl-injector",
            "--type=json",
            "--patch",
            "[{\"op\": \"remove\", \"path\": \"/webhooks/0/clientConfig/caBundle\"}]")
        .text();

    await().atMost(SOON).untilAsserted(() -> assertThat(authority()).isEqualTo(authority));
  }

  private static String authority() {
    return CLUSTER
        .kubectl(
            "get",
            "mutatingwebhookconfiguration",
            "meshctl-injector",
            "-o",
            "jsonpath={.webhooks[*].clientConfig.caBundle}")
        .text();
  }

  private static String logs() {
    return CLUSTER
        .kubectl(
            "-n",
            "meshctl-system",
            "logs",
            "-l",
            "app.kubernetes.io/name=meshctl-control-plane",
            "--tail=-1")
        .text();
  }

  private Result install() {
    List<String> words = new ArrayList<>(List.of("install", "--timeout", "150"));
    words.addAll(OurImage.values());
    return meshctl(words.toArray(String[]::new));
  }

  private Result meshctl(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--kubeconfig", CLUSTER.kubeconfig().toString()));
    return new CommandLine(scratch).run(SOON, all.toArray(String[]::new));
  }
}
