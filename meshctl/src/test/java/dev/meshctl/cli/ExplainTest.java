package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.app.config.ProxyBootstrap;
import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.query.ProxyView;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.WorkloadInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplainTest {
  private static final String BOOKSHOP =
      Path.of(System.getProperty("meshctl.root"), "samples", "bookshop").toString();

  @TempDir private Path secrets;
  @TempDir private Path state;
  private CommandLineFixture cli;

  @BeforeEach
  void open() {
    cli = CommandLineFixture.in(state);
  }

  @Test
  void a_folder_alone_says_what_becomes_of_a_request() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "storefront",
            "--to",
            "reviews:9080",
            "--path",
            "/reviews/3");
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).isEqualTo(CommandLineFixture.golden("explain-request"));
  }

  @Test
  void json_is_one_object_for_scripts() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "bookshop/storefront",
            "--to",
            "reviews:9080",
            "-H",
            "x-user: a",
            "--json");
    JsonNode explanation = JsonMapper.builder().build().readTree(said.out());
    assertThat(explanation.path("outcome").asString()).isEqualTo("routed");
    assertThat(explanation.path("service").asString())
        .isEqualTo("reviews.bookshop.svc.cluster.local");
    assertThat(explanation.path("subset").asString()).isEqualTo("v1");
    assertThat(explanation.path("matched").path("kind").asString()).isEqualTo("VirtualService");
    assertThat(explanation.path("matched").path("file").asString()).isEqualTo("traffic.yaml");
    assertThat(explanation.path("destinations")).hasSize(2);
    assertThat(explanation.path("steps").size()).isGreaterThan(5);
  }

  @Test
  void names_that_are_not_there_are_refused_with_what_was_meant() {
    Said said =
        cli.run("explain", "request", "-f", BOOKSHOP, "--from", "storfront", "--to", "reviews");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("storfront").contains("fix: did you mean 'storefront'?");

    Said header =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "storefront",
            "--to",
            "reviews",
            "-H",
            "nothing");
    assertThat(header.exitCode()).isEqualTo(2);
    assertThat(header.err()).contains("no header: nothing");
  }

  @Test
  void a_request_from_outside_is_asked_of_a_gateway() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--from",
            "istio-ingressgateway",
            "--to",
            "bookshop.example:8080",
            "--source-ip",
            "203.0.113.7");
    assertThat(said.out()).contains("somebody outside, at the gateway istio-ingressgateway");
    assertThat(said.out()).startsWith("routed storefront.bookshop.svc.cluster.local");
    assertThat(said.exitCode()).isZero();
  }

  /** Later than any change of the sample. */
  private static final String TIME = "[2099-11-29T01:47:00.";

  private static final String REST = "\"curl/8\" \"id-7\" \"reviews:9080\" ";

  /** What a sidecar of storefront and one of reviews wrote of one request that was denied. */
  private static final String CLIENT =
      TIME
          + "234Z] \"GET /reviews/3 HTTP/1.1\" 403 - via_upstream - \"-\" 0 19 88 88 \"-\" "
          + REST
          + "\"127.88.2.4:9080\" outbound|9080|v1|reviews.bookshop.svc.cluster.local"
          + " 127.0.0.1:46476 127.88.2.9:15080 127.0.0.1:49462 - versions";

  private static final String SERVER =
      TIME
          + "240Z] \"GET /reviews/3 HTTP/1.1\" 403 -"
          + " rbac_access_denied_matched_policy[ns[bookshop]-policy[closed]-rule[0]] - \"-\" 0 19 5"
          + " - \"-\" "
          + REST
          + "\"-\" - - 127.88.2.4:9080 127.0.0.1:46476 - default";

  @Test
  void a_line_of_a_log_is_explained_beside_what_the_folder_says() {
    Said said =
        cli.run(
            "explain",
            "request",
            "-f",
            BOOKSHOP,
            "--access-log",
            "[pod/storefront-0/istio-proxy] " + CLIENT);
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out()).isEqualTo(CommandLineFixture.golden("explain-past"));
  }

  @Test
  void a_request_is_found_by_its_id_in_the_logs_of_the_mesh_on_both_sides() throws Exception {
    try (FakeControlPlane plane = FakeControlPlane.start(secrets)) {
      plane.proxies(() -> List.of(proxy("storefront-0", "storefront")));
      mesh(plane);
      Said said = cli.run("explain", "request", "--id", "id-7");
      assertThat(said.err()).isEmpty();
      assertThat(said.exitCode()).isZero();
      assertThat(said.out()).isEqualTo(CommandLineFixture.golden("explain-past-id"));

      JsonNode answer =
          JsonMapper.builder()
              .build()
              .readTree(cli.run("explain", "request", "--failed", "--json").out());
      assertThat(answer.path("lines").asInt()).isEqualTo(4);
      JsonNode only = answer.path("requests").path(0);
      assertThat(only.path("times").asInt()).isEqualTo(1);
      assertThat(only.path("proxy").path("state").asString()).isEqualTo("synced");
      assertThat(only.path("request").path("side").asString()).isEqualTo("calling");
      assertThat(only.path("request").path("servers").path(0).path("at").asString())
          .isEqualTo("bookshop/reviews-v1-0");
      assertThat(only.path("request").path("now").path("outcome").asString()).isEqualTo("routed");
      assertThat(only.path("request").path("differences").path(0).path("what").asString())
          .isEqualTo("answer");

      Said none = cli.run("explain", "request", "--id", "id-8");
      assertThat(none.exitCode()).isEqualTo(1);
      assertThat(none.err()).contains("no line of the logs of mesh shop tells of a request id-8");
    }
  }

  @Test
  void what_was_logged_is_told_of_a_broken_folder_too() throws IOException {
    Path broken = Files.createDirectory(state.resolve("broken"));
    Files.writeString(
        broken.resolve("shop.yaml"),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews}
        spec: {hosts: [reviews], http: [{route: [{destination: {host: nobody}}]}]}
        """);
    Said said = cli.run("explain", "request", "-f", broken.toString(), "--access-log", CLIENT);
    assertThat(said.exitCode()).isZero();
    assertThat(said.err()).contains("is broken").contains("MESH0");
    assertThat(said.out()).startsWith("403 GET reviews:9080/reviews/3").contains("not explained");
  }

  @Test
  void endpoints_that_the_proxy_leaves_out_now_are_told() throws Exception {
    String hosts =
        """
        {"cluster_statuses": [{"name": "outbound|9080|v1|reviews.bookshop.svc.cluster.local",
          "host_statuses": [
            {"address": {"socket_address": {"address": "127.88.2.4", "port_value": 9080}},
             "health_status": {"eds_health_status": "HEALTHY", "failed_outlier_check": true}},
            {"address": {"socket_address": {"address": "127.88.2.5", "port_value": 9080}},
             "health_status": {"eds_health_status": "HEALTHY"}}]},
          {"name": "another", "host_statuses": [
            {"address": {"socket_address": {"address": "127.88.2.6", "port_value": 9080}},
             "health_status": {"failed_active_health_check": true}}]}]}
        """;
    HttpServer admin =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    admin.createContext(
        "/clusters",
        exchange -> {
          try (exchange) {
            byte[] body = hosts.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    admin.start();
    try (FakeControlPlane plane = FakeControlPlane.start(secrets)) {
      plane.proxies(() -> List.of(proxy("storefront-0", "storefront")));
      mesh(plane, "127.0.0.1:" + admin.getAddress().getPort());
      assertThat(cli.run("explain", "request", "--failed").out())
          .contains("proxy     of bookshop/storefront-0: synced")
          .contains("leaves out 127.88.2.4:9080: ejected (outlier detection)")
          .doesNotContain("127.88.2.5")
          .doesNotContain("127.88.2.6");
    } finally {
      admin.stop(0);
    }
  }

  /** The admin port of its proxies: nobody listens at port 1 of loopback. */
  private void mesh(FakeControlPlane plane) throws Exception {
    mesh(plane, "127.0.0.1:1");
  }

  private void mesh(FakeControlPlane plane, String admin) throws Exception {
    cli.running("shop", plane, Path.of(BOOKSHOP));
    Path run = cli.meshes().folder("shop");
    Files.createDirectories(run.resolve("proxies"));
    Files.writeString(
        run.resolve("inventory.json"),
        ConfigFiles.json(
            new MeshInventory(
                List.of(
                    replica("storefront", "storefront-0", "storefront", "127.88.2.9"),
                    replica("reviews-v1", "reviews-v1-0", "reviews", "127.88.2.4")),
                Map.of(),
                "")));
    String well =
        CLIENT
            .replace("reviews", "catalog")
            .replace("403", "200")
            .replace(":00.234Z", ":00.230Z")
            .replace("127.88.2.4", "127.88.2.1");
    log(run, "storefront", "storefront-0", "127.88.2.9", admin, CLIENT + "\n" + well);
    log(
        run,
        "reviews-v1",
        "reviews-v1-0",
        "127.88.2.4",
        admin,
        SERVER + "\n" + SERVER.replace("403", "200").replace("id-7", "id-6"));
  }

  private static WorkloadInstance replica(
      String workload, String name, String app, String address) {
    return new WorkloadInstance(
        name,
        "bookshop",
        workload,
        app,
        Map.of("app", app, "version", "v1"),
        address,
        Map.of("http", 9080),
        new Locality("", "", ""),
        true,
        true);
  }

  private static void log(
      Path run, String workload, String name, String address, String admin, String lines)
      throws IOException {
    Path log = run.resolve(name + ".access.log");
    Files.writeString(log, lines + "\n");
    Files.writeString(
        run.resolve("proxies").resolve(name + ".json"),
        ConfigFiles.json(
            new ProxyBootstrap(
                new ProxyNode(
                    "sidecar~" + address + "~" + name,
                    ProxyNode.Role.SIDECAR,
                    "bookshop",
                    workload,
                    name,
                    workload,
                    Map.of(),
                    new ProxyNode.Capture.Transparent(address)),
                "cluster.local",
                "",
                "",
                "",
                admin,
                "",
                "",
                log.toString(),
                1)));
  }

  private static ProxyView proxy(String instance, String workload) {
    return new ProxyView(
        "sidecar~127.88.2.9~" + instance,
        "SIDECAR",
        "bookshop",
        workload,
        instance,
        "",
        ProxyView.State.SYNCED,
        0,
        1,
        List.of());
  }

  @Test
  void half_a_question_is_refused() {
    Said nothing = cli.run("explain", "request", "-f", BOOKSHOP, "--from", "storefront");
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("--from and --to").contains("--access-log");
    Said both = cli.run("explain", "request", "-f", BOOKSHOP, "--to", "reviews", "--failed");
    assertThat(both.exitCode()).isEqualTo(2);
    Said noFile = cli.run("explain", "request", "-f", BOOKSHOP, "--access-log", "nowhere.log");
    assertThat(noFile.exitCode()).isEqualTo(2);
    assertThat(noFile.err()).contains("no file nowhere.log");
    Said noMesh = cli.run("explain", "request", "-f", BOOKSHOP, "--failed");
    assertThat(noMesh.exitCode()).isEqualTo(2);
    assertThat(noMesh.err()).contains("no mesh runs whose logs could be read");
  }
}
