package dev.meshctl.model.explain.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.meshctl.model.explain.Scene;
import dev.meshctl.model.explain.security.MutualTls.Client;
import dev.meshctl.model.resource.PeerAuthentication.Mode;
import dev.meshctl.model.testkit.MeshText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MutualTlsReadingTest {
  private static final String WORKLOADS =
      MeshText.accounts("shop", "page")
          + MeshText.workload("shop", "page-v1", 1, "page", "app: page")
          + MeshText.workload("shop", "reviews-v1", 2, "default", "app: reviews, version: v1")
          + MeshText.service(
              "shop",
              "reviews",
              "selector: {app: reviews},"
                  + " ports: [{name: http, port: 80, targetPort: 9080},"
                  + " {name: tcp-sync, port: 9090}]");

  private static final String LAB =
      "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: lab}\n"
          + MeshText.accounts("lab", "default")
          + MeshText.workload("lab", "probe", 1, "default", "app: probe");

  private static String peers(String namespace, String name, String spec) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: %s, namespace: %s}
    spec: {%s}
    """
        .formatted(name, namespace, spec);
  }

  private static String rule(String namespace, String tls) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: reviews, namespace: %s}
    spec:
      host: reviews.shop.svc.cluster.local
      trafficPolicy: {%s}
    """
        .formatted(namespace, tls);
  }

  private static List<MutualTls> of(String workload, String... yaml) {
    Scene scene =
        Scene.of(MeshText.valid(WORKLOADS + LAB + String.join("", yaml)), Optional.empty());
    return MutualTlsReading.of(scene, instance -> instance.workload().equals(workload));
  }

  private static MutualTls reviews(String... yaml) {
    List<MutualTls> all = of("reviews-v1", yaml);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private static Client by(MutualTls of, String who) {
    return of.clients().stream()
        .filter(client -> client.who().contains(who))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void where_nothing_is_said_ports_take_both_and_proxies_speak_mtls_by_themselves() {
    MutualTls reviews = reviews();

    assertThat(reviews.mode()).isEqualTo(Mode.PERMISSIVE);
    assertThat(reviews.source()).isNull();
    assertThat(reviews.ports()).containsExactly(9080, 9090);
    assertThat(by(reviews, "namespace shop").mode()).isEqualTo("auto");
    assertThat(by(reviews, "namespace shop").mutual()).isTrue();
    assertThat(reviews.fits()).isTrue();
  }

  @Test
  void the_line_that_decides_is_named_the_narrowest_first() {
    String root = peers("istio-system", "default", "mtls: {mode: STRICT}");
    String own = peers("shop", "default", "mtls: {mode: DISABLE}");
    String narrow =
        peers("shop", "reviews", "selector: {matchLabels: {app: reviews}}, mtls: {mode: STRICT}");
    String unset =
        peers("shop", "reviews", "selector: {matchLabels: {app: reviews}}, mtls: {mode: UNSET}");

    assertThat(reviews(root).source())
        .hasToString(
            "PeerAuthentication istio-system/default"
                + " (mesh.yaml:"
                + lineOf(root, "mode: STRICT")
                + ")");
    assertThat(reviews(root, own).mode()).isEqualTo(Mode.DISABLE);
    assertThat(reviews(root, own, narrow).source())
        .asString()
        .startsWith("PeerAuthentication shop/reviews ");
    assertThat(reviews(root, own, unset).source())
        .as("UNSET asks the next")
        .asString()
        .startsWith("PeerAuthentication shop/default ");
  }

  private static int lineOf(String document, String text) {
    String whole = WORKLOADS + LAB + document;
    return (int) whole.substring(0, whole.indexOf(text)).lines().count();
  }

  @Test
  void a_port_that_differs_has_an_answer_of_its_own() {
    List<MutualTls> all =
        of(
            "reviews-v1",
            peers(
                "shop",
                "reviews",
                "selector: {matchLabels: {app: reviews}}, mtls: {mode: STRICT},"
                    + " portLevelMtls: {9090: {mode: DISABLE}}"));

    assertThat(all).extracting(MutualTls::ports).containsExactly(List.of(9080), List.of(9090));
    assertThat(all).extracting(MutualTls::mode).containsExactly(Mode.STRICT, Mode.DISABLE);
    assertThat(by(all.get(1), "namespace shop").mutual()).as("auto follows").isFalse();
    assertThat(all).allMatch(MutualTls::fits);
  }

  private static final String NO_AUTOMATIC_MTLS =
      """
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          enableAutoMtls: false
      """;

  @Test
  void
      clients_that_speak_in_the_clear_do_not_fit_to_strict_and_those_told_to_prove_themselves_do() {
    MutualTls reviews =
        reviews(
            NO_AUTOMATIC_MTLS,
            peers("shop", "default", "mtls: {mode: STRICT}"),
            rule("shop", "tls: {mode: ISTIO_MUTUAL}") + exportedTo("."));

    Client lab = by(reviews, "namespace lab");
    assertThat(lab.mode()).isEqualTo("off");
    assertThat(lab.mutual()).isFalse();
    assertThat(lab.problem())
        .isEqualTo("its port takes mutual TLS only, and these come in the clear");
    assertThat(lab.source()).isNull();
    Client shop = by(reviews, "namespace shop");
    assertThat(shop.mode()).isEqualTo("ISTIO_MUTUAL");
    assertThat(shop.source()).asString().startsWith("DestinationRule shop/reviews ");
    assertThat(shop.fits()).isTrue();
    assertThat(reviews.fits()).isFalse();
  }

  private static String exportedTo(String where) {
    return "  exportTo: [\"" + where + "\"]\n";
  }

  @Test
  void clients_told_to_speak_mtls_do_not_fit_to_disable() {
    MutualTls reviews =
        reviews(
            peers("shop", "default", "mtls: {mode: DISABLE}"),
            rule("shop", "tls: {mode: ISTIO_MUTUAL}"));

    assertThat(by(reviews, "namespace shop").problem())
        .isEqualTo("its port takes no TLS of the mesh");
  }

  @Test
  void tls_of_the_application_passes_only_where_its_port_may_speak_it() {
    List<MutualTls> all = of("reviews-v1", rule("shop", "tls: {mode: SIMPLE}"));

    assertThat(all).extracting(MutualTls::ports).containsExactly(List.of(9080), List.of(9090));
    assertThat(by(all.get(0), "namespace shop").problem())
        .isEqualTo("its sidecar takes TLS of the mesh alone, and this is SIMPLE");
    assertThat(by(all.get(1), "namespace shop").fits()).isTrue();
  }

  @Test
  void a_rule_for_one_subset_is_told_of_that_subset() {
    MutualTls reviews =
        reviews(
            """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: reviews, namespace: shop}
            spec:
              host: reviews
              subsets:
              - {name: v1, labels: {version: v1}, trafficPolicy: {tls: {mode: DISABLE}}}
            """);

    assertThat(reviews.clients())
        .filteredOn(client -> client.who().contains("namespace shop"))
        .extracting(Client::mode, Client::subset)
        .containsExactlyInAnyOrder(tuple("auto", ""), tuple("DISABLE", "v1"));
  }
}
