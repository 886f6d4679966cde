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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of an installation in a real cluster, from nothing to nothing. An image stands in for
 * ours, and the test for what our control plane writes.
 */
class InstallIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir static Path images = Path.of("");
  @TempDir Path scratch = Path.of("");
  private Set<String> before = Set.of();

  @BeforeAll
  static void image() throws IOException {
    StandInImage.load(CLUSTER, images);
  }

  @BeforeEach
  void look() {
    before = ClusterContent.settled(CLUSTER);
  }

  @AfterEach
  void nothing_is_left() {
    CLUSTER.deleteNamespacesOfTest();
    Result gone = meshctl("uninstall", "--delete-configuration");
    assertThat(gone.exitCode()).as(gone.out() + gone.err()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before));
  }

  @Test
  void it_says_what_it_will_do_and_does_nothing_when_only_asked() {
    Result said = install("--dry-run");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out())
        .contains("create     Namespace meshctl-system")
        .contains("create     Deployment.apps meshctl-system/meshctl-control-plane")
        .contains("create     CustomResourceDefinition.apiextensions.k8s.io runtimepatches");
    assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before);
  }

  @Test
  void a_check_before_tells_what_would_be_in_the_way_and_what_to_do() {
    CLUSTER.apply(WEBHOOK_WITHOUT_SERVICE).text();
    try {
      Result said = meshctl("check", "--cluster");

      assertThat(said.exitCode()).as(said.out() + said.err()).isEqualTo(1);
      assertThat(said.out())
          .contains("ok       kubernetes: v1.")
          .contains("ok       permissions: all ")
          .contains("asks Service nowhere/nobody, which is not there")
          .contains(
              "warning  webhook: MutatingWebhookConfiguration.admissionregistration.k8s.io lost"
                  + " pods.example.com takes pods by the labels that we take them by")
          .contains("fix: install with --revision NAME");
    } finally {
      CLUSTER.kubectl("delete", "mutatingwebhookconfiguration", "lost").text();
    }
    assertThat(meshctl("check", "--cluster").exitCode()).isZero();
  }

  @Test
  void a_check_after_tells_how_each_part_stands() {
    installed();
    String shop = CLUSTER.namespace("shop");
    CLUSTER
        .kubectl(
            "-n",
            shop,
            "run",
            "early",
            "--image=" + ClusterFixture.TOOL_IMAGE,
            "--image-pull-policy=Never",
            "--command",
            "--",
            "sleep",
            "100")
        .text();
    CLUSTER.kubectl("label", "namespace", shop, "istio.io/rev=other").text();

    Result said = meshctl("check", "--cluster");

    assertThat(said.out())
        .contains(
            "ok       component: Deployment.apps meshctl-system/meshctl-control-plane serves,"
                + " localhost/stand-in:1")
        .contains("warning  injection: " + shop + ": 1 of 1 pods have no sidecar: early")
        .contains("error    certificate: the authority of")
        .contains("empty clientConfig.caBundle; the control plane writes it anew");
    assertThat(said.exitCode()).isEqualTo(1);
  }

  @Test
  void it_installs_waits_and_changes_nothing_when_run_again() {
    Result first = installed();

    assertThat(first.err()).contains("replicas are ready");
    String there = versions();
    Result again = install();

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out().lines().findFirst())
        .hasValueSatisfying(line -> {
          String[] words = line.split("\\s+");
          assertThat(words[0]).isEqualTo("unchanged");
          assertThat(words[1]).isEqualTo(words[3]);
        });
    assertThat(versions()).isEqualTo(there);
  }

  @Test
  void killed_at_any_step_it_is_completed_by_the_next_run() throws Exception {
    for (int step : List.of(1, 9, 20, 25, 27)) {
      Process process = new CommandLine(scratch).start(words("install"));
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(10))
          .until(() -> !process.isAlive() || made() >= step);
      process.destroyForcibly().waitFor();
    }

    installed();
    assertThat(install().out()).startsWith("unchanged");
  }

  @Test
  void an_uninstallation_that_was_killed_is_completed_by_the_next() throws Exception {
    installed();
    Process process = new CommandLine(scratch).start(with("uninstall"));
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .until(() ->
            !process.isAlive()
                || CLUSTER
                    .kubectl("-n", "meshctl-system", "get", "deploy", "-o", "name")
                    .out()
                    .isBlank());
    process.destroyForcibly().waitFor();

    assertThat(meshctl("uninstall").exitCode()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before));
  }

  @Test
  void a_value_that_changes_is_shown_and_changed_and_nothing_else() {
    installed();

    Result said = install("--set", "controlPlane.replicas=1");

    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out())
        .contains(
            "change     Deployment.apps meshctl-system/meshctl-control-plane\n"
                + "           spec.replicas: 2 -> 1\n");
    assertThat(said.out().lines().filter(line -> line.startsWith("change"))).hasSize(1);
  }

  @Test
  void a_field_that_somebody_else_set_is_theirs_unless_it_is_taken() {
    installed();
    CLUSTER
        .kubectl("-n", "meshctl-system", "scale", "deploy/meshctl-control-plane", "--replicas=3")
        .text();

    Result refused = install();
    Result forced = install("--force-conflicts");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains(".spec.replicas").contains("--force-conflicts");
    assertThat(forced.exitCode()).as(forced.err()).isZero();
    assertThat(forced.out()).contains("spec.replicas: 3 -> 2");
  }

  @Test
  void a_revision_comes_beside_another_and_the_last_takes_what_they_share() {
    installed();
    Result blue = playing("-blue", () -> install("--revision", "blue"));
    assertThat(blue.exitCode()).as(blue.err()).isZero();

    Result unclear = meshctl("uninstall");
    Result unknown = meshctl("uninstall", "--revision", "bleu");
    Result old = meshctl("uninstall", "--revision", "default");

    assertThat(unclear.exitCode()).isEqualTo(2);
    assertThat(unclear.err()).contains("blue, default").contains("--revision");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("did you mean 'blue'?");
    assertThat(old.exitCode()).as(old.err()).isZero();
    assertThat(old.out()).contains("revision default is gone; blue stays");
    assertThat(CLUSTER.kubectl("-n", "meshctl-system", "get", "deploy", "-o", "name").text())
        .isEqualTo("deployment.apps/meshctl-control-plane-blue");
    assertThat(CLUSTER.kubectl("get", "crd", "-o", "name").text()).contains("virtualservices");
  }

  @Test
  void namespaces_are_moved_to_a_revision_and_back_and_nobody_is_left_without_one() {
    installed();
    String shop = CLUSTER.namespace("shop");
    CLUSTER.kubectl("label", "namespace", shop, "istio-injection=enabled").text();
    CLUSTER.apply(WITH_SIDECAR.formatted(shop)).text();
    rolledOut(shop);

    Result moved =
        playing(
            "-blue",
            () ->
                new CommandLine(scratch)
                    .run(
                        SOON,
                        words("upgrade", "--revision", "blue", "--namespace", shop, "--restart")));
    Result shown = meshctl("upgrade", "-o", "json");
    Result refused = meshctl("uninstall", "--revision", "default");
    Result back = meshctl("upgrade", "--revision", "default", "--namespace", shop);
    Result unknown = meshctl("upgrade", "--revision", "blue", "--namespace", shop + "x");

    assertThat(moved.exitCode()).as(moved.out() + moved.err()).isZero();
    assertThat(moved.out())
        .contains(
            "move       Namespace " + shop + ": default -> blue",
            "restart    Deployment.apps " + shop + "/cart",
            // Nobody injects here, so the pod has what its template says.
            "of another revision still: 1 pods of " + shop + " (default)");
    assertThat(shown.out()).contains("\"revision\" : \"blue\"", "\"default\" : 1");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("1 pods still have a sidecar of revision default");
    assertThat(back.out()).contains("move       Namespace " + shop + ": blue -> default");
    assertThat(
            CLUSTER.kubectl("get", "namespace", shop, "-o", "jsonpath={.metadata.labels}").text())
        .contains("\"istio-injection\":\"enabled\"")
        .doesNotContain("istio.io/rev");
    assertThat(unknown.err()).contains("did you mean '" + shop + "'?");
    CLUSTER.kubectl("-n", shop, "delete", "deployment", "cart", "--cascade=foreground").text();
    assertThat(meshctl("uninstall", "--revision", "blue").exitCode()).isZero();
  }

  private static void rolledOut(String namespace) {
    CLUSTER.kubectl("-n", namespace, "rollout", "status", "deployment", "--timeout=120s").text();
  }

  @Test
  void what_is_somebody_elses_is_left_alone_before_and_after() throws IOException {
    CLUSTER.apply(CRD_OF_ISTIO).text();
    try {
      Result said = installed();
      assertThat(said.out())
          .contains(
              "leave      CustomResourceDefinition.apiextensions.k8s.io"
                  + " virtualservices.networking.istio.io, is of istio");
      assertThat(meshctl("uninstall").exitCode()).isZero();
      assertThat(CLUSTER.kubectl("get", "crd", "virtualservices.networking.istio.io").exit())
          .isZero();
    } finally {
      CLUSTER.kubectl("delete", "crd", "virtualservices.networking.istio.io").text();
    }
  }

  @Test
  void users_configuration_does_not_go_unasked() {
    installed();
    String shop = CLUSTER.namespace("shop");
    CLUSTER
        .apply(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\n"
                + "metadata: {name: cart, namespace: "
                + shop
                + "}\nspec: {hosts: [cart], whatever: 1}\n")
        .text();

    Result refused = meshctl("uninstall");
    Result kept = meshctl("uninstall", "--keep-crds");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("1 of VirtualService.networking.istio.io")
        .contains("--keep-crds");
    assertThat(kept.exitCode()).as(kept.err()).isZero();
    assertThat(CLUSTER.kubectl("-n", shop, "get", "vs", "cart", "-o", "jsonpath={.spec}").text())
        .isEqualTo("{\"hosts\":[\"cart\"],\"whatever\":1}");
  }

  @Test
  void a_control_plane_that_does_not_come_up_is_told_with_what_its_pods_wait_for() {
    Result said =
        meshctl("install", "--set", "image.repository=localhost/nothing", "--timeout", "15");

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.err())
        .contains("is not ready after 15 s: 0 of 2 replicas are ready: pod meshctl-control-plane-")
        .containsPattern("ErrImagePull|ImagePullBackOff");
    assertThat(CLUSTER.kubectl("get", "mutatingwebhookconfigurations", "-o", "name").text())
        .isEmpty();
  }

  @Test
  void who_may_view_or_edit_may_not_patch_runtimes_and_an_operator_may() {
    installed();
    String shop = CLUSTER.namespace("shop");
    for (String role : List.of("view", "edit", "admin", "meshctl-operator")) {
      CLUSTER
          .kubectl(
              "-n", shop, "create", "rolebinding", role, "--clusterrole=" + role, "--user=" + role)
          .text();
    }

    assertThat(may("view", "list", "services", shop)).isTrue();
    assertThat(may("view", "list", "virtualservices", shop)).isTrue();
    for (String role : List.of("view", "edit", "admin")) {
      assertThat(may(role, "list", "runtimepatches.runtime.meshctl.dev", shop)).as(role).isTrue();
      assertThat(may(role, "create", "runtimepatches.runtime.meshctl.dev", shop))
          .as(role)
          .isFalse();
    }
    assertThat(may("meshctl-operator", "create", "runtimepatches.runtime.meshctl.dev", shop))
        .isTrue();
    assertThat(may("meshctl-operator", "create", "runtimepatches.runtime.meshctl.dev", "default"))
        .isFalse();
    assertThat(may("meshctl-operator", "list", "secrets", shop)).isFalse();
  }

  @Test
  void the_control_plane_may_what_it_must_and_no_more() {
    installed("--set", "controlPlane.readSecrets=false", "--set", "gateways.deploy=false");
    String who = "system:serviceaccount:meshctl-system:meshctl-control-plane";

    assertThat(may(who, "watch", "pods", "kube-system")).isTrue();
    assertThat(may(who, "update", "configmaps/meshctl-ca-root-cert", "default")).isTrue();
    assertThat(may(who, "update", "configmaps/other", "default")).isFalse();
    assertThat(may(who, "get", "secrets/meshctl-ca", "meshctl-system")).isTrue();
    assertThat(may(who, "get", "secrets/other", "meshctl-system")).isFalse();
    assertThat(may(who, "update", "secrets/meshctl-ca", "meshctl-system")).isFalse();
    assertThat(may(who, "list", "secrets", "default")).isFalse();
    assertThat(may(who, "create", "pods", "default")).isFalse();
    assertThat(may(who, "patch", "deployments", "default")).isFalse();
    assertThat(may(who, "patch", "mutatingwebhookconfigurations/meshctl-injector", "default"))
        .isTrue();
    assertThat(may(who, "patch", "mutatingwebhookconfigurations/other", "default")).isFalse();
    assertThat(may(who, "patch", "validatingwebhookconfigurations/meshctl-validator", "default"))
        .isTrue();
    assertThat(may(who, "patch", "validatingwebhookconfigurations/other", "default")).isFalse();
  }

  private static boolean may(String user, String verb, String what, String namespace) {
    return CLUSTER
        .kubectl("auth", "can-i", verb, what, "-n", namespace, "--as=" + user)
        .out()
        .strip()
        .equals("yes");
  }

  private Result installed(String... more) {
    Result said = playing("", () -> install(more));
    assertThat(said.exitCode()).as(said.out() + said.err()).isZero();
    return said;
  }

  /** Meanwhile, what our control plane does once it serves. */
  private static Result playing(String suffix, Supplier<Result> command) {
    AtomicBoolean over = new AtomicBoolean();
    Thread plane =
        Thread.startVirtualThread(() ->
            await()
                .atMost(SOON.multipliedBy(2))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> over.get() || writesAuthorities(suffix)));
    try {
      return command.get();
    } finally {
      over.set(true);
      try {
        plane.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** False while one of the webhooks is not there. */
  private static boolean writesAuthorities(String suffix) {
    return writesAuthority("validatingwebhookconfiguration", "meshctl-validator" + suffix)
        && writesAuthority("mutatingwebhookconfiguration", "meshctl-injector" + suffix);
  }

  /** Says by which authority the webhook is known; false while there is none. */
  private static boolean writesAuthority(String kind, String webhooks) {
    Output there = CLUSTER.kubectl("get", kind, webhooks, "-o", "jsonpath={.webhooks[*].name}");
    if (there.exit() != 0) {
      return false;
    }
    StringBuilder patch = new StringBuilder("webhooks:");
    for (String name : there.text().split(" ")) {
      patch.append("\n- {name: ").append(name).append(", clientConfig: {caBundle: Y2E=}}");
    }
    CLUSTER
        .kubectl(
            "patch",
            kind,
            webhooks,
            "--field-manager=meshctl-control-plane",
            "--patch",
            patch.toString())
        .text();
    return true;
  }

  private Result install(String... more) {
    List<String> words = new ArrayList<>(List.of("install"));
    words.addAll(List.of(more));
    return new CommandLine(scratch).run(SOON, words(words.toArray(String[]::new)));
  }

  /** With the image of these tests. */
  private static String[] words(String... said) {
    List<String> words = new ArrayList<>(List.of(said));
    words.addAll(
        List.of(
            "--set",
            "image.repository=" + StandInImage.REPOSITORY,
            "--set",
            "image.tag=" + StandInImage.TAG));
    return with(words.toArray(String[]::new));
  }

  private Result meshctl(String... words) {
    return new CommandLine(scratch).run(SOON, with(words));
  }

  private static String[] with(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--kubeconfig", CLUSTER.kubeconfig().toString()));
    return all.toArray(String[]::new);
  }

  /** Objects of ours that are there. */
  private static long made() {
    return CLUSTER
        .kubectl(
            "get",
            "ns,crd,clusterroles,clusterrolebindings,sa,roles,rolebindings,cm,svc,deploy,pdb",
            "-A",
            "-l",
            "app.kubernetes.io/part-of=meshctl",
            "-o",
            "name",
            "--ignore-not-found")
        .out()
        .lines()
        .count();
  }

  /** Each object of ours with the version that the server counts up at every change. */
  private static String versions() {
    return CLUSTER
        .kubectl(
            "get",
            "ns,crd,clusterroles,clusterrolebindings,sa,roles,rolebindings,cm,svc,pdb,"
                + "mutatingwebhookconfigurations,validatingwebhookconfigurations",
            "-A",
            "-l",
            "app.kubernetes.io/part-of=meshctl",
            "-o",
            "jsonpath={range .items[*]}{.kind}/{.metadata.name}"
                + " {.metadata.resourceVersion}{\"\\n\"}{end}")
        .text();
  }

  private static final String WEBHOOK_WITHOUT_SERVICE =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: lost}
      webhooks:
      - name: pods.example.com
        clientConfig: {service: {namespace: nowhere, name: nobody}}
        rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
        namespaceSelector: {matchLabels: {istio-injection: enabled}}
        failurePolicy: Fail
        sideEffects: None
        admissionReviewVersions: [v1]
      """;

  /**
   * As a pod is that an injector has seen; the webhook, which nobody answers here, is not asked.
   */
  private static final String WITH_SIDECAR =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cart, namespace: %s}
      spec:
        selector: {matchLabels: {app: cart}}
        template:
          metadata:
            labels: {app: cart, security.istio.io/tlsMode: istio, sidecar.istio.io/inject: "false"}
            annotations: {sidecar.istio.io/status: '{"revision":"default"}'}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - {name: cart, image: "localhost/tool:1", imagePullPolicy: Never, command: [sleep, "1000"]}
      """;

  private static final String CRD_OF_ISTIO =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: virtualservices.networking.istio.io
        labels: {app.kubernetes.io/part-of: istio}
      spec:
        group: networking.istio.io
        scope: Namespaced
        names: {kind: VirtualService, plural: virtualservices, singular: virtualservice, listKind: VirtualServiceList}
        versions:
        - name: v1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;
}
