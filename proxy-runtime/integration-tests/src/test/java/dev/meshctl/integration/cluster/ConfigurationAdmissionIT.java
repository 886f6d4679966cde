package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.app.KubernetesControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real API server answers to whoever writes configuration, asking our webhook as the
 * installed configuration says, but for its address.
 */
class ConfigurationAdmissionIT {
  private static final Duration SOON = Duration.ofSeconds(45);
  private static final String VALIDATOR = "ValidatingWebhookConfiguration";

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.thatCalls();

  @TempDir Path scratch = Path.of("");

  private HostedControlPlane mesh;
  private String shop = "";

  @BeforeEach
  void install() throws Exception {
    mesh = new HostedControlPlane(CLUSTER, CLUSTER.namespace("system"), scratch);
    mesh.install("", object -> false);
    shop = CLUSTER.namespace("shop");
  }

  @AfterEach
  void uninstall() throws Exception {
    mesh.close();
  }

  @Test
  void what_is_wrong_in_itself_is_refused_with_its_code_and_what_does_not_fit_is_a_warning()
      throws Exception {
    guarded();

    Output refused = CLUSTER.apply(route(shop, "wrong", "cart", "-1", ""));
    Output unfit = CLUSTER.apply(route(shop, "unfit", "nobody", "1", ""));

    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err())
        .contains("admission webhook \"validation.meshctl.dev\" denied the request: MESH0112")
        .contains("VirtualService " + shop + "/wrong: spec.http[0].route[0].weight: -1 (expected");
    assertThat(unfit.exit()).as(unfit.err()).isZero();
    assertThat(unfit.err())
        .contains("Warning: MESH0102 VirtualService " + shop + "/unfit")
        .contains("spec.http[0].route[0].destination.host");
  }

  @Test
  void an_object_that_names_another_revision_is_for_that_one_to_judge() throws Exception {
    guarded();

    Output another = CLUSTER.apply(route(shop, "other", "cart", "-1", "istio.io/rev: blue"));
    Output named = CLUSTER.apply(route(shop, "named", "cart", "-1", "istio.io/rev: default"));

    assertThat(another.exit()).as(another.err()).isZero();
    assertThat(named.err()).contains("\"rev.validation.meshctl.dev\" denied the request: MESH0112");
  }

  @Test
  void while_nobody_answers_it_is_taken_and_later_can_be_mended_and_let_go_of() throws Exception {
    KubernetesControlPlane first = guarded();
    first.close();

    Output unseen = CLUSTER.apply(route(shop, "wrong", "cart", "-1", ""));
    assertThat(unseen.exit()).as(unseen.err()).isZero();
    CLUSTER
        .kubectl(
            "-n",
            shop,
            "patch",
            "virtualservice/wrong",
            "--type=merge",
            "--patch={\"metadata\": {\"finalizers\": [\"example.com/last\"]}}")
        .text();
    guarded();

    assertThat(CLUSTER.apply(route(shop, "wrong", "cart", "-2", "")).exit()).isNotZero();
    assertThat(CLUSTER.kubectl("-n", shop, "label", "virtualservice/wrong", "a=b").exit())
        .as("what it says is what it said")
        .isZero();
    CLUSTER.kubectl("-n", shop, "delete", "virtualservice/wrong", "--wait=false").text();
    Output released =
        CLUSTER.kubectl(
            "-n",
            shop,
            "patch",
            "virtualservice/wrong",
            "--type=merge",
            "--patch={\"metadata\": {\"finalizers\": []}}");
    assertThat(released.exit()).as(released.err()).isZero();
    assertThat(CLUSTER.kubectl("-n", shop, "get", "virtualservice/wrong").exit()).isNotZero();
  }

  /** Once the API server asks a control plane. */
  private KubernetesControlPlane guarded() throws Exception {
    KubernetesControlPlane plane = mesh.start("", "one");
    mesh.hook("", VALIDATOR, plane, "/validate");
    await()
        .atMost(SOON)
        .until(() ->
            CLUSTER
                    .kubectl(
                        "get",
                        "validatingwebhookconfiguration",
                        "meshctl-validator",
                        "-o",
                        "jsonpath={.webhooks[1].clientConfig.caBundle}")
                    .out()
                    .length()
                > 0);
    String probe = route(shop, "probe", "cart", "-1", "");
    // One that got through before the webhook was known stays as it is, and nobody asks about it.
    await()
        .atMost(SOON)
        .until(() -> {
          Output asked = CLUSTER.apply(probe);
          CLUSTER
              .kubectl("-n", shop, "delete", "virtualservice", "probe", "--ignore-not-found")
              .text();
          return asked.err().contains("MESH0112");
        });
    return plane;
  }

  private static String route(
      String namespace, String name, String host, String weight, String label) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %s, namespace: %s, labels: {%s}}
    spec:
      hosts: [cart.example.com]
      http:
      - route:
        - {destination: {host: %s}, weight: %s}
        - {destination: {host: cart}, weight: 1}
    """
        .formatted(name, namespace, label, host, weight);
  }
}
