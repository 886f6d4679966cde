package dev.meshctl.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.integration.CommandLine;
import dev.meshctl.integration.CommandLine.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bookshop's own YAML on real pods, from an empty cluster to an empty cluster, with customers
 * inside of the mesh and visitors from outside. One life for all: a mesh takes a minute to start.
 */
@TestMethodOrder(OrderAnnotation.class)
class BookshopOnClusterIT {
  private static final Duration SOON = Duration.ofMinutes(3);
  private static final Pattern COUNTS =
      Pattern.compile("\"sent\":(\\d+),\"answered\":(\\d+),\"failed\":(\\d+)");
  private static final List<String> NAMESPACES = List.of("bookshop", "ingress", "visitors");

  @RegisterExtension static final ClusterFixture CLUSTER = ClusterFixture.withNodes();

  @TempDir static Path scratch = Path.of("");
  private static Set<String> before = Set.of();

  /** What a load says of itself. */
  private record Load(long sent, long failed, String log) {
    static Load of(String namespace, String name) {
      String log =
          CLUSTER
              .kubectl("-n", namespace, "logs", "deployment/" + name, "-c", name, "--tail=-1")
              .text();
      Matcher counts = COUNTS.matcher(log);
      long sent = 0;
      long failed = 0;
      while (counts.find()) {
        sent = Long.parseLong(counts.group(1));
        failed = Long.parseLong(counts.group(3));
      }
      return new Load(sent, failed, log.lines().filter(l -> l.contains("failure")).toList() + "");
    }

    static Map<String, Load> all() {
      Map<String, Load> all = new TreeMap<>();
      all.put("inside", of("bookshop", "customers"));
      all.put("outside", of("visitors", "visitors"));
      return all;
    }
  }

  @BeforeAll
  static void a_mesh_and_a_shop() throws IOException {
    OurImage.load(CLUSTER);
    OurImage.loadBookshop(CLUSTER);
    before = ClusterContent.settled(CLUSTER);
    List<String> words = new ArrayList<>(List.of("install", "--timeout", "170"));
    words.addAll(OurImage.values());
    Result installed = meshctl(words);
    assertThat(installed.exitCode()).as(installed.out() + installed.err()).isZero();
    for (String file :
        List.of(
            "namespace",
            "security",
            "stock",
            "ratings",
            "catalog",
            "reviews",
            "storefront",
            "traffic",
            "gateway")) {
      apply("bookshop/" + file);
    }
    apply("on-cluster/ingress");
    NAMESPACES.subList(0, 2).forEach(BookshopOnClusterIT::available);
    apply("on-cluster/customers");
    apply("on-cluster/visitors");
    available("bookshop");
    available("visitors");
  }

  @AfterAll
  static void nothing_of_ours_stays() {
    NAMESPACES.forEach(
        name -> CLUSTER.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false"));
    meshctl(List.of("uninstall", "--force", "--delete-configuration"));
  }

  @Test
  @Order(1)
  void pods_have_sidecars_that_are_asked_for_their_containers_by_the_kubelet() {
    assertThat(
            CLUSTER
                .kubectl(
                    "-n",
                    "bookshop",
                    "get",
                    "pods",
                    "-l",
                    "app in (catalog, ratings, reviews, stock, storefront)",
                    "-o",
                    "jsonpath={range .items[*]}{.spec.initContainers[*].name}"
                        + " {.spec.containers[0].readinessProbe.httpGet.port}{\"\\n\"}{end}")
                .text()
                .lines())
        .hasSize(9)
        .allMatch("istio-init istio-proxy 15020"::equals);
  }

  @Test
  @Order(2)
  void a_split_sends_all_to_the_version_that_it_names() {
    await().atMost(SOON).until(() -> page().contains("\"version\":\"v1\""));
    CLUSTER
        .kubectl(
            "-n",
            "bookshop",
            "patch",
            "virtualservice",
            "reviews",
            "--type=json",
            "--patch",
            "[{\"op\":\"replace\",\"path\":\"/spec/http/0/route/0/weight\",\"value\":0},"
                + "{\"op\":\"replace\",\"path\":\"/spec/http/0/route/1/weight\",\"value\":100}]")
        .text();

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          for (int i = 0; i < 20; i++) {
            assertThat(page()).contains("\"version\":\"v3\"").contains("\"colour\":\"red\"");
          }
        });
  }

  @Test
  @Order(3)
  void a_pod_without_a_sidecar_is_refused_by_one_that_takes_mutual_tls_only() throws IOException {
    String job =
        Files.readString(samples().resolve("on-cluster/job.yaml"))
            .replace("namespace: bookshop", "namespace: visitors")
            .replace("name: audit", "name: stranger")
            .replace("http://storefront:", "http://storefront.bookshop:");
    CLUSTER.apply(job).text();

    CLUSTER
        .kubectl(
            "-n",
            "visitors",
            "wait",
            "--for=condition=Failed",
            "job/stranger",
            "--timeout=" + SOON.toSeconds() + "s")
        .text();
    assertThat(CLUSTER.kubectl("-n", "visitors", "logs", "job/stranger").text())
        .contains("\"failure\"")
        .doesNotContain("timed out");
  }

  @Test
  @Order(4)
  void a_job_in_the_mesh_is_answered_and_completes() throws IOException {
    apply("on-cluster/job");

    CLUSTER
        .kubectl(
            "-n",
            "bookshop",
            "wait",
            "--for=condition=Complete",
            "job/audit",
            "--timeout=" + SOON.toSeconds() + "s")
        .text();
    assertThat(CLUSTER.kubectl("-n", "bookshop", "logs", "job/audit", "-c", "audit").text())
        .contains("\"sent\":1,\"answered\":1,\"failed\":0");
  }

  @Test
  @Order(5)
  void every_deployment_is_restarted_and_no_request_fails() {
    Map<String, Load> first = Load.all();
    for (String workload :
        List.of(
            "bookshop/storefront",
            "bookshop/catalog",
            "bookshop/reviews-v1",
            "bookshop/reviews-v2",
            "bookshop/reviews-v3",
            "bookshop/ratings",
            "bookshop/stock",
            "ingress/ingress")) {
      String[] at = workload.split("/");
      CLUSTER.kubectl("-n", at[0], "rollout", "restart", "deployment/" + at[1]).text();
      rolledOut(at[0], at[1]);
    }
    Map<String, Load> last = Load.all();

    last.forEach((name, load) -> {
      Load before = first.getOrDefault(name, new Load(0, 0, ""));
      assertThat(load.sent()).as(name).isGreaterThan(before.sent() + 100);
      assertThat(load.failed()).as(name + load.log()).isEqualTo(before.failed());
    });
  }

  @Test
  @Order(6)
  void the_commands_tell_of_all_proxies_whichever_replica_they_call() {
    Result proxies = meshctl(List.of("proxy", "status"));
    assertThat(proxies.exitCode()).as(proxies.out() + proxies.err()).isZero();
    assertThat(proxies.out().lines().filter(line -> line.contains(" sidecar "))).hasSize(10);
    assertThat(proxies.out()).contains("synced").contains("meshctl-control-plane-");

    Result mtls = meshctl(List.of("mtls", "status", "-n", "bookshop"));
    assertThat(mtls.exitCode()).as(mtls.out() + mtls.err()).isZero();
    assertThat(mtls.out()).contains("reviews-v3").contains("STRICT");

    Result authz = meshctl(List.of("authz", "check", "bookshop/storefront", "bookshop/reviews"));
    assertThat(authz.exitCode()).as(authz.out() + authz.err()).isZero();

    Result certificates = meshctl(List.of("cert", "list", "-n", "bookshop"));
    assertThat(certificates.exitCode()).as(certificates.out() + certificates.err()).isZero();
    assertThat(certificates.out()).contains("cluster.local/ns/bookshop/sa/storefront ");
  }

  /** Where the kubelet has not brought both roots to a pod yet, that is waited for: minutes. */
  @Test
  @Order(7)
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void a_new_root_takes_the_old_ones_place_and_no_request_fails() {
    Map<String, Load> first = Load.all();
    long began = System.nanoTime();
    Result rotated =
        meshctl(Duration.ofMinutes(18), List.of("trust", "rotate", "--timeout", "17m"));

    assertThat(rotated.exitCode()).as(rotated.out() + rotated.err()).isZero();
    System.err.println(
        rotated.err() + "in %.0f s".formatted((System.nanoTime() - began) / 1e9) + Load.all());
    Result status = meshctl(List.of("trust", "status"));
    assertThat(status.out().lines()).hasSize(1);
    Load.all()
        .forEach((name, load) -> {
          Load before = first.getOrDefault(name, new Load(0, 0, ""));
          assertThat(load.sent()).as(name).isGreaterThan(before.sent() + 100);
          assertThat(load.failed()).as(name + load.log()).isEqualTo(before.failed());
        });
  }

  @Test
  @Order(8)
  void when_shop_and_mesh_are_gone_the_cluster_is_as_it_was() {
    NAMESPACES.forEach(name -> CLUSTER.kubectl("delete", "namespace", name).text());

    Result gone = meshctl(List.of("uninstall"));

    assertThat(gone.exitCode()).as(gone.out() + gone.err()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(ClusterContent.objects(CLUSTER)).isEqualTo(before));
  }

  /** As a browser outside has it. */
  private static String page() {
    String node =
        CLUSTER
            .kubectl("-n", "visitors", "get", "pods", "-o", "jsonpath={.items[0].status.hostIP}")
            .text();
    return CLUSTER
        .run(SOON, "curl", "-sS", "--max-time", "15", "http://" + node + ":30080/books/1")
        .text();
  }

  private static void available(String namespace) {
    CLUSTER
        .kubectl(
            "-n",
            namespace,
            "wait",
            "--for=condition=Available",
            "deployment",
            "--all",
            "--timeout=" + SOON.toSeconds() + "s")
        .text();
  }

  private static void rolledOut(String namespace, String deployment) {
    CLUSTER
        .kubectl(
            "-n",
            namespace,
            "rollout",
            "status",
            "deployment/" + deployment,
            "--timeout=" + SOON.toSeconds() + "s")
        .text();
  }

  private static Path samples() {
    return CommandLine.root().resolve("samples");
  }

  private static void apply(String sample) throws IOException {
    CLUSTER.apply(Files.readString(samples().resolve(sample + ".yaml"))).text();
  }

  private static Result meshctl(List<String> words) {
    return meshctl(SOON, words);
  }

  private static Result meshctl(Duration limit, List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of("--kubeconfig", CLUSTER.kubeconfig().toString()));
    return new CommandLine(scratch).run(limit, all.toArray(String[]::new));
  }
}
