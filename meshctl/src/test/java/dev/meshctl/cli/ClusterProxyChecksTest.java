package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.check.ClusterProxyChecks;
import dev.meshctl.cli.check.ClusterProxyChecks.Replica;
import dev.meshctl.cli.check.Finding;
import dev.meshctl.cli.check.Finding.Level;
import dev.meshctl.model.query.MeshClient;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.State;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas that answer over HTTPS, each with the proxies that called it. */
class ClusterProxyChecksTest {
  private static final String FIX = "kubectl -n shop logs cart-1 -c istio-proxy";

  @TempDir Path scratch = Path.of("");

  private FakeControlPlane one;
  private FakeControlPlane other;

  @BeforeEach
  void start() throws Exception {
    one = FakeControlPlane.start(Files.createDirectory(scratch.resolve("one")));
    other = FakeControlPlane.start(Files.createDirectory(scratch.resolve("other")));
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
  }

  @Test
  void what_a_proxy_refused_is_an_error_with_its_name_and_reason_whichever_replica_it_called() {
    one.proxies(() -> List.of(proxy("web-1", State.SYNCED, "")));
    other.proxies(() -> List.of(proxy("cart-1", State.REJECTED, "listener 15006: no filter y")));
    other.resources(
        "id-cart-1",
        List.of(
            new ResourceStatus(
                "LISTENER", "inbound", ResourceStatus.State.SYNCED, "1", "1", "1", "", ""),
            new ResourceStatus(
                "LISTENER",
                "15006",
                ResourceStatus.State.REFUSED,
                "2",
                "1",
                "1",
                "2",
                "no filter y")));

    List<Finding> findings = check("shop/web-1", "shop/cart-1");

    assertThat(findings).hasSize(2);
    assertThat(findings.getFirst().found()).isEqualTo("1 of 2 proxies are up to date");
    assertThat(findings.getLast().level()).isEqualTo(Level.ERROR);
    assertThat(findings.getLast().found())
        .isEqualTo("cart-1.shop refused listener 15006: no filter y");
    assertThat(findings.getLast().fix()).contains("correct the objects that it is made of");
  }

  @Test
  void a_response_that_was_refused_whole_is_told_by_its_type() {
    one.proxies(() -> List.of(proxy("cart-1", State.REJECTED, "cannot be decoded")));

    assertThat(check("shop/cart-1"))
        .anySatisfy(finding ->
            assertThat(finding.found())
                .isEqualTo("cart-1.shop refused listener: cannot be decoded"));
  }

  @Test
  void a_proxy_that_went_over_to_the_other_replica_is_not_missed_by_the_first() {
    one.proxies(() -> List.of(proxy("cart-1", State.DISCONNECTED, "")));
    other.proxies(() -> List.of(proxy("cart-1", State.SYNCED, "")));

    assertThat(check("shop/cart-1"))
        .containsExactly(new Finding(Level.OK, "proxies", "1 of 1 proxies are up to date", ""));
  }

  @Test
  void a_proxy_that_no_replica_has_counts_while_its_pod_is_there() {
    one.proxies(() -> List.of(proxy("cart-1", State.DISCONNECTED, "")));

    assertThat(check("shop/cart-1"))
        .contains(new Finding(Level.ERROR, "proxies", "cart-1.shop is not connected", FIX));
    assertThat(check()).allMatch(finding -> finding.level() == Level.OK);
  }

  @Test
  void a_proxy_that_never_called_is_named() {
    assertThat(check("shop/cart-1"))
        .contains(
            new Finding(
                Level.WARNING,
                "proxies",
                "the proxy of pod shop/cart-1 has not called any control plane",
                FIX));
  }

  @Test
  void a_replica_that_does_not_answer_is_an_error_and_the_others_are_heard() {
    one.proxies(() -> List.of(proxy("web-1", State.REJECTED, "no cluster x")));
    other.close();

    assertThat(check("shop/web-1", "shop/cart-1"))
        .extracting(Finding::level)
        .as("what the silent one may know is not guessed")
        .containsExactly(Level.OK, Level.ERROR, Level.ERROR);
    assertThat(check())
        .last()
        .extracting(Finding::found)
        .asString()
        .startsWith("two does not tell");
  }

  @Test
  void without_a_replica_nothing_is_called_well() {
    assertThat(new ClusterProxyChecks(List.of(), List.of()).run())
        .extracting(Finding::level)
        .containsExactly(Level.ERROR);
  }

  private List<Finding> check(String... pods) {
    return new ClusterProxyChecks(
            List.of(
                new Replica("one", () -> MeshClient.of(one.endpoint())),
                new Replica("two", () -> MeshClient.of(other.endpoint()))),
            List.of(pods))
        .run();
  }

  private static ProxyView proxy(String pod, State state, String error) {
    return new ProxyView(
        "id-" + pod,
        "SIDECAR",
        "shop",
        "app",
        pod,
        "spiffe://cluster.local/ns/shop/sa/app",
        state,
        0,
        7,
        List.of(new TypeStatus("LISTENER", 2, 7, error.isEmpty() ? 7 : 6, error)));
  }
}
