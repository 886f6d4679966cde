package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.query.MeshStatus;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.query.ProxyView.State;
import dev.meshctl.model.query.ProxyView.TypeStatus;
import dev.meshctl.model.query.ResourceStatus;
import dev.meshctl.model.source.Position;
import dev.meshctl.model.validation.Diagnostic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each command says, against files in {@code golden}. */
class CommandsTest {
  @TempDir static Path secrets;
  private static FakeControlPlane plane;

  @TempDir Path state;
  @TempDir Path folder;
  private CommandLineFixture cli;

  @BeforeAll
  static void start() throws Exception {
    plane = FakeControlPlane.start(secrets);
  }

  @AfterAll
  static void stop() {
    plane.close();
  }

  @BeforeEach
  void a_mesh_runs() throws Exception {
    cli = CommandLineFixture.in(state);
    cli.running("bookshop", plane, folder);
    plane.proxies(() -> List.of(synced("storefront-v1-0"), rejecting("reviews-v1-0"), gone()));
    plane.status(() -> status(true, List.of()));
  }

  @Test
  void proxy_status_shows_who_acknowledged_and_fails_where_one_rejected() {
    assertThat(cli.run("proxy", "status").golden())
        .isEqualTo(CommandLineFixture.golden("proxy-status"));
  }

  @Test
  void proxy_status_fits_a_terminal_of_eighty_columns() {
    Said said = cli.columns(80).run("proxy", "status");
    assertThat(said.out().lines().filter(line -> !line.startsWith("rejected")))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }

  @Test
  void proxy_status_is_well_where_all_are() {
    plane.proxies(() -> List.of(synced("storefront-v1-0")));
    Said said = cli.run("proxy", "status", "-o", "json");
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).contains("\"state\" : \"SYNCED\"");
  }

  private static void resources() {
    plane.resources(
        id("reviews-v1-0"),
        List.of(
            new ResourceStatus(
                "CLUSTER", "a", ResourceStatus.State.SYNCED, "8a1", "8a1", "8a1", "", ""),
            new ResourceStatus(
                "ROUTE",
                "9080",
                ResourceStatus.State.REFUSED,
                "00c0ffee00c0ffee",
                "9b2",
                "9b2",
                "00c0ffee00c0ffee",
                "no cluster x")));
  }

  @Test
  void proxy_status_of_one_shows_each_resource_and_why_one_was_refused() {
    resources();
    assertThat(cli.run("proxy", "status", "reviews").golden())
        .isEqualTo(CommandLineFixture.golden("proxy-status-one"));
    assertThat(cli.run("proxy", "status", "reviews", "-o", "json").out())
        .contains("\"reason\" : \"no cluster x\"");
    assertThat(cli.run("proxy", "status", "ratings").err()).contains("is not connected");
  }

  @Test
  void config_status_goes_from_the_files_to_what_every_proxy_has() {
    resources();
    plane.resources(id("storefront-v1-0"), List.of());
    assertThat(cli.run("config", "status").golden())
        .isEqualTo(CommandLineFixture.golden("config-status"));
    assertThat(cli.run("config", "status", "-o", "json").out())
        .contains("\"slowestMillis\" : 12")
        .contains("\"state\" : \"REFUSED\"");
  }

  @Test
  void proxy_config_shows_each_kind_of_resource_as_a_table() throws Exception {
    for (String kind : List.of("listeners", "routes", "clusters", "endpoints")) {
      plane.config(id("storefront-v1-0"), kind, CommandLineFixture.golden("xds-" + kind));
    }
    assertThat(cli.run("proxy", "config", "storefront").golden())
        .isEqualTo(CommandLineFixture.golden("proxy-config"));
    Said yaml = cli.run("proxy", "config", "storefront-v1-0.bookshop", "clusters", "-o", "yaml");
    assertThat(yaml.out()).startsWith("- name: outbound|9080|v1|reviews.bookshop");
  }

  @Test
  void a_proxy_that_is_not_there_is_refused_with_those_that_are() {
    Said said = cli.run("proxy", "config", "cart");
    assertThat(said.golden()).isEqualTo(CommandLineFixture.golden("proxy-config-unknown"));
  }

  @Test
  void without_a_mesh_commands_say_how_to_start_one() throws Exception {
    cli.meshes().remove("bookshop");
    Said said = cli.run("proxy", "status");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.err())
        .isEqualTo(
            "meshctl: "
                + state.resolve("local")
                + ": no mesh runs\n  fix: start a mesh with `meshctl local up -f DIR`\n");
  }

  @Test
  void a_mesh_can_be_named_by_option_and_by_environment() {
    assertThat(cli.run("proxy", "status", "--mesh", "bank").err()).contains("no mesh bank runs");
    assertThat(cli.run(Map.of("MESHCTL_MESH", "bank"), "proxy", "status").err())
        .contains("no mesh bank runs");
    assertThat(cli.run("proxy", "status", "--mesh", "bookshop").out()).contains("synced");
  }

  @Test
  void a_wrong_word_is_refused_with_the_likely_one() {
    assertThat(cli.run("proxi", "status").golden())
        .isEqualTo(CommandLineFixture.golden("wrong-word"));
  }

  @Test
  void check_reports_what_is_wrong_with_a_running_mesh() {
    resources();
    Said said = cli.run("check");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out())
        .contains("ok       java: ")
        .contains("ok       loopback: ")
        .contains("ok       mesh bookshop: control plane answers at https://127.0.0.1:")
        .contains("ok       mesh bookshop: 1 of 3 proxies are up to date")
        .contains(
            "error    mesh bookshop: reviews-v1-0.bookshop refused route 9080: no cluster x\n"
                + "         fix: its last good one stays in force there; correct the objects")
        .contains("error    mesh bookshop: ratings-v1-0.bookshop is not connected\n         fix: ")
        .contains("ok       mesh bookshop: trust anchor valid until ");
  }

  @Test
  void check_says_which_line_keeps_a_new_configuration_out() {
    plane.proxies(List::of);
    Diagnostic broken =
        new Diagnostic(
            "MESH0001",
            Diagnostic.Severity.ERROR,
            "traffic.yaml",
            new Position("traffic.yaml", 3, 7),
            "",
            "no YAML",
            "close the quote");
    plane.status(() -> status(false, List.of(broken)));
    assertThat(cli.run("check").out())
        .contains(
            "error    mesh bookshop: the last good configuration is in force: MESH0001"
                + " traffic.yaml (traffic.yaml:3:7): no YAML; close the quote");
  }

  @Test
  void a_token_that_is_refused_is_said_with_its_file() throws Exception {
    Files.writeString(Path.of(plane.endpoint().tokenFile()), "stolen");
    try {
      assertThat(cli.run("proxy", "status").err())
          .contains("token refused")
          .contains("fix: renew the operator token in " + plane.endpoint().tokenFile());
    } finally {
      Files.writeString(Path.of(plane.endpoint().tokenFile()), "the-operator");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json", "dot", "mermaid", "svg"})
  void graph_shows_the_mesh_in_each_form(String form) {
    plane.graph(graph());
    Said said = cli.run("graph", "-o", form);
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).contains("reviews").endsWith("\n");
  }

  @Test
  void graph_watch_writes_an_object_a_line_until_the_stream_ends() {
    plane.graph(graph());
    Said said = cli.run("graph", "--watch", "-o", "json");
    assertThat(said.out().lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}"));
  }

  @Test
  void graph_watch_on_a_terminal_redraws_in_place() {
    plane.graph(graph());
    Said said = cli.columns(80).run("graph", "--watch");
    assertThat(said.out()).startsWith("\u001b[2J\u001b[H").contains("\u001b[K\n");
    assertThat(said.out().split("\u001b\\[H", -1)).hasSize(4);
  }

  @Test
  void a_picture_cannot_be_watched() {
    Said said = cli.run("graph", "--watch", "-o", "svg");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err()).contains("--watch goes with a running mesh");
  }

  @Test
  void a_window_that_is_no_duration_is_refused_with_examples() {
    Said said = cli.run("graph", "--window", "ten");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err()).contains("'ten' is not a duration (expected: 500ms, 10s, 5m or 1h)");
  }

  @Test
  void every_command_has_help_in_eighty_columns() {
    for (String command :
        List.of(
            "",
            "graph",
            "local",
            "split",
            "split get",
            "split set",
            "proxy",
            "proxy status",
            "proxy config",
            "analyze",
            "explain request",
            "gateway status",
            "mtls status",
            "cert list",
            "trust rotate",
            "trust status",
            "authz check",
            "check",
            "console",
            "shell",
            "completion",
            "version")) {
      String words = (command + " --help").strip();
      Said said = cli.run(words.split(" "));
      assertThat(said.exitCode()).as(words).isZero();
      assertThat(said.out()).as(words).startsWith("Usage: meshctl");
      assertThat(said.out().lines())
          .as(words)
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }
  }

  @Test
  void completion_is_a_script_that_knows_the_commands() {
    assertThat(cli.run("completion").out()).contains("_complete_meshctl").contains("analyze");
  }

  private static GraphView graph() {
    GraphView.Signals some = new GraphView.Signals(100, 1, 10, 2, 4, 8, 1);
    return new GraphView(
        0,
        10_000,
        List.of(
            new GraphView.Node(
                "service:bookshop/reviews",
                GraphView.NodeKind.SERVICE,
                "bookshop",
                "reviews",
                "reviews",
                "",
                0,
                0,
                some),
            new GraphView.Node(
                "workload:bookshop/reviews-v1",
                GraphView.NodeKind.WORKLOAD,
                "bookshop",
                "reviews-v1",
                "reviews",
                "v1",
                1,
                1,
                some)),
        List.of(
            new GraphView.Edge(
                "service:bookshop/reviews",
                "workload:bookshop/reviews-v1",
                "reviews.bookshop.svc.cluster.local",
                "http",
                true,
                true,
                90,
                91.5,
                100,
                1,
                10,
                2,
                4,
                8,
                1)));
  }

  private static MeshStatus status(boolean accepted, List<Diagnostic> diagnostics) {
    return new MeshStatus(
        "bookshop",
        "1",
        "cluster.local",
        0,
        7,
        accepted,
        Map.of("services.yaml", "00ff00ff00ff00ff", "traffic.yaml", "1234567890abcdef"),
        diagnostics,
        3,
        1);
  }

  private static String id(String instance) {
    return "sidecar~127.77.2.1~" + instance + ".bookshop~bookshop.svc.cluster.local";
  }

  private static ProxyView synced(String instance) {
    return proxy(
        instance,
        State.SYNCED,
        List.of(
            new TypeStatus("CLUSTER", 12, 7, 7, "", 12),
            new TypeStatus("ENDPOINTS", 9, 7, 7, ""),
            new TypeStatus("LISTENER", 8, 7, 6, ""),
            new TypeStatus("ROUTE", 3, 7, 7, "")));
  }

  private static ProxyView rejecting(String instance) {
    return proxy(
        instance,
        State.REJECTED,
        List.of(
            new TypeStatus("CLUSTER", 4, 7, 7, ""),
            new TypeStatus("ROUTE", 2, 7, 6, "no cluster x")));
  }

  private static ProxyView gone() {
    return proxy("ratings-v1-0", State.DISCONNECTED, List.of());
  }

  private static ProxyView proxy(String instance, State state, List<TypeStatus> types) {
    return new ProxyView(
        id(instance),
        "SIDECAR",
        "bookshop",
        instance.substring(0, instance.length() - 2),
        instance,
        "spiffe://cluster.local/ns/bookshop/sa/x",
        state,
        0,
        7,
        types);
  }
}
