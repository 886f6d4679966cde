package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code split get} and {@code split set}, on a copy of the bookshop. */
class SplitTest {
  @TempDir static Path secrets;
  private static FakeControlPlane plane;

  @TempDir Path state;
  @TempDir Path folder;
  private CommandLineFixture cli;
  private Path traffic = Path.of("");

  @BeforeAll
  static void start() throws Exception {
    plane = FakeControlPlane.start(secrets);
  }

  @AfterAll
  static void stop() {
    plane.close();
  }

  @BeforeEach
  void a_mesh_runs_on_a_copy_of_the_bookshop() throws Exception {
    Path bookshop = Path.of(System.getProperty("meshctl.root"), "samples", "bookshop");
    try (var files = Files.list(bookshop)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    traffic = folder.resolve("traffic.yaml");
    cli = CommandLineFixture.in(state);
    cli.running("bookshop", plane, folder);
    plane.status(() -> status(true));
    plane.proxies(() -> List.of(proxy("storefront-v1-0", 7), proxy("catalog-v1-0", 7)));
  }

  @Test
  void get_shows_weights_and_shares_rule_by_rule() {
    assertThat(cli.run("split", "get", "reviews").golden())
        .isEqualTo(CommandLineFixture.golden("split-get"));
  }

  @Test
  void set_edits_the_weights_alone_and_says_who_acknowledged() throws Exception {
    String before = Files.readString(traffic);
    Said said = cli.run("split", "set", "reviews", "v1=50", "v3=50");
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out())
        .startsWith(
            "reviews.bookshop.svc.cluster.local: VirtualService bookshop/reviews (traffic.yaml:")
        .contains("  v1  90% -> 50%\n", "  v3  10% -> 50%\n")
        .contains("acknowledged by all 2 proxies (configuration 7, after ");
    assertThat(Files.readString(traffic))
        .isEqualTo(before.replace("weight: 90", "weight: 50").replace("weight: 10", "weight: 50"));
  }

  @Test
  void a_dry_run_shows_the_edit_and_changes_nothing() throws Exception {
    String before = Files.readString(traffic);
    Said said = cli.run("split", "set", "reviews", "v1=50", "v3=50", "--dry-run", "-o", "diff");
    assertThat(said.exitCode()).isZero();
    assertThat(said.out())
        .contains("-          weight: 90\n", "+          weight: 50\n", "-          weight: 10\n");
    Said yaml = cli.run("split", "set", "reviews", "v1=50", "v3=50", "--dry-run", "-o", "yaml");
    assertThat(yaml.out())
        .isEqualTo(before.replace("weight: 90", "weight: 50").replace("weight: 10", "weight: 50"));
    assertThat(Files.readString(traffic)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reviews v1=-1 v3=10",
        "reviews v1=0 v3=0",
        "reviews v1=50 v9=50",
        "carts v1=50 v3=50",
      })
  void what_cannot_be_is_refused_with_a_place_and_a_fix_and_nothing_changes(String words)
      throws Exception {
    String before = Files.readString(traffic);
    Said said = cli.run(("split set " + words).split(" "));
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .startsWith("meshctl: the split stays as it is\n")
        .containsPattern("MESH\\d{4} .*\\([^ ]*:\\d+:\\d+\\)")
        .contains("fix: ");
    assertThat(Files.readString(traffic)).isEqualTo(before);
  }

  @Test
  void a_proxy_that_does_not_follow_is_named() throws Exception {
    plane.proxies(() -> List.of(proxy("storefront-v1-0", 7), proxy("catalog-v1-0", 6)));
    Said said = cli.run("split", "set", "reviews", "v1=50", "v3=50", "--timeout", "200ms");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.err())
        .startsWith("meshctl: 1 of 2 proxies have not acknowledged within 200 ms\n")
        .contains("  catalog-v1-0.bookshop (synced, at configuration 6)\n")
        .contains("fix: the file keeps the new split");
    assertThat(Files.readString(traffic)).contains("weight: 50");
  }

  @Test
  void an_edit_that_the_control_plane_refuses_is_taken_back() throws Exception {
    String before = Files.readString(traffic);
    plane.status(() -> status(false));
    Said said = cli.run("split", "set", "reviews", "v1=50", "v3=50");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err()).contains("MESH9999").contains("the split stays as it is");
    assertThat(Files.readString(traffic)).isEqualTo(before);
  }

  @Test
  void without_a_mesh_a_folder_can_still_be_edited() throws Exception {
    cli.meshes().remove("bookshop");
    Said said = cli.run("split", "set", "reviews", "v1=1", "v3=1", "-f", folder.toString());
    assertThat(said.exitCode()).isZero();
    assertThat(said.err()).isEqualTo("no mesh runs on this folder: nothing to wait for\n");
    assertThat(Files.readString(traffic)).contains("weight: 1\n");
  }

  @Test
  void a_split_by_gateway_api_route_is_moved_by_its_host_name() throws Exception {
    Said said =
        cli.run("split", "set", "partners.bookshop.example", "reviews-v2=1", "reviews-v3=3");
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(Files.readString(folder.resolve("partners.yaml")))
        .contains("weight: 1\n", "weight: 3\n");
  }

  @Test
  void analyze_finds_no_error_in_the_bookshop() {
    Said said = cli.run("analyze", "-f", folder.toString());
    assertThat(said.out()).doesNotContain("error");
    assertThat(said.exitCode()).isZero();
    assertThat(said.err()).contains(" resources in 10 files, 0 errors, ");
  }

  @Test
  void analyze_fails_on_an_error_with_file_line_and_column() throws Exception {
    Files.writeString(traffic, Files.readString(traffic).replace("weight: 90", "weight: -90"));
    Said said = cli.run("analyze", "-f", folder.toString());
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out()).containsPattern("error MESH\\d{4} .*\\(traffic.yaml:\\d+:\\d+\\)");
    Said json = cli.run("analyze", "-f", folder.toString(), "-o", "json");
    assertThat(json.exitCode()).isEqualTo(1);
    assertThat(json.out()).contains("\"severity\" : \"ERROR\"");
  }

  @Test
  void graph_of_a_folder_shows_what_may_be() {
    Said said = cli.run("graph", "-f", folder.toString());
    assertThat(said.err()).isEmpty();
    assertThat(said.out()).contains("storefront", "reviews", "ratings", "stock");
  }

  /** What a control plane that has just read the file says. */
  private MeshStatus status(boolean accepted) {
    Diagnostic refused =
        new Diagnostic(
            "MESH9999",
            Diagnostic.Severity.ERROR,
            "VirtualService bookshop/reviews",
            new Position("traffic.yaml", 9, 1),
            "",
            "not today",
            "try tomorrow");
    return new MeshStatus(
        "bookshop",
        "1",
        "cluster.local",
        0,
        7,
        accepted,
        Map.of(
            "traffic.yaml", sha256(traffic),
            "partners.yaml", sha256(folder.resolve("partners.yaml"))),
        accepted ? List.of() : List.of(refused),
        2,
        2);
  }

  private static ProxyView proxy(String instance, long generation) {
    return new ProxyView(
        instance,
        "SIDECAR",
        "bookshop",
        instance,
        instance,
        "spiffe://cluster.local/ns/bookshop/sa/x",
        ProxyView.State.SYNCED,
        0,
        generation,
        List.of());
  }

  private static String sha256(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
