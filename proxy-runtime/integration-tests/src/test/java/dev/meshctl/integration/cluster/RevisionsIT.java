package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.cluster.ClusterConnection;
import dev.meshctl.cluster.ClusterObject;
import dev.meshctl.cluster.ClusterObjects;
import dev.meshctl.cluster.install.InstallPlan;
import dev.meshctl.cluster.install.InstallValues;
import dev.meshctl.cluster.install.InstallValues.Said;
import dev.meshctl.cluster.install.Revisions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Which of two revisions answers for a patch, on a real API server. */
class RevisionsIT {
  private static final Duration SOON = Duration.ofSeconds(45);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withoutNodes();

  @TempDir Path scratch = Path.of("");

  private HostedControlPlane mesh;
  private String system = "";
  private String shop = "";

  @BeforeEach
  void install() throws Exception {
    system = CLUSTER.namespace("system");
    shop = CLUSTER.namespace("shop");
    mesh = new HostedControlPlane(CLUSTER, system, scratch);
    mesh.install("blue", object -> false);
  }

  @AfterEach
  void uninstall() throws Exception {
    CLUSTER.kubectl("-n", shop, "delete", "runtimepatches", "--all").text();
    mesh.close();
  }

  @Test
  void a_patch_is_followed_by_the_revision_that_it_names_and_else_by_the_default_one()
      throws Exception {
    mesh.start("blue", "blue-1");
    CLUSTER.apply(patch("unnamed", "")).text();
    CLUSTER.apply(patch("named", "istio.io/rev: blue")).text();

    await().atMost(SOON).until(() -> !answer("named").isEmpty());
    assertThat(answer("unnamed")).as("the default revision's, which is not here").isEmpty();

    makeDefault();
    await().atMost(SOON).until(() -> !answer("unnamed").isEmpty());
  }

  @Test
  void all_agree_which_revision_is_the_default_one() throws Exception {
    try (ClusterConnection connection = CLUSTER.connect()) {
      Revisions unnamed = new Revisions(connection.objects(), system, "");
      Revisions blue = new Revisions(connection.objects(), system, "blue");
      assertThat(unnamed.now().byDefault()).isTrue();
      assertThat(blue.now().byDefault()).isFalse();

      makeDefault();

      assertThat(unnamed.now().byDefault()).isFalse();
      assertThat(blue.now().byDefault()).isTrue();
    }
  }

  /** Its Deployment as it is installed with that value, without pods. */
  private void makeDefault() throws Exception {
    InstallPlan plan =
        InstallPlan.of(
            system,
            InstallValues.of(
                    "1.0",
                    List.of(
                        new Said.Assignment("revision=blue"),
                        new Said.Assignment("defaultRevision=true")))
                .values());
    try (ClusterConnection connection = CLUSTER.connect()) {
      ObjectNode tree =
          plan.objects().stream()
              .filter(object -> object.kind().kind().equals("Deployment"))
              .findFirst()
              .orElseThrow()
              .tree()
              .deepCopy();
      tree.withObjectProperty("spec").put("replicas", 0);
      connection.objects().apply(new ClusterObject(tree), ClusterObjects.Apply.FORCED);
    }
  }

  private String answer(String patch) {
    return CLUSTER
        .kubectl("-n", shop, "get", "runtimepatch", patch, "-o", "jsonpath={.status.phase}")
        .out();
  }

  private String patch(String name, String label) {
    return """
    apiVersion: runtime.meshctl.dev/v1alpha1
    kind: RuntimePatch
    metadata: {name: %s, namespace: %s, labels: {%s}}
    spec: {version: "2.0"}
    """
        .formatted(name, shop, label);
  }
}
