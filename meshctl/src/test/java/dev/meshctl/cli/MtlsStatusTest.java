package dev.meshctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.app.config.ConfigFiles;
import dev.meshctl.cli.CommandLineFixture.Said;
import dev.meshctl.model.query.GraphView;
import dev.meshctl.model.xds.LoadAssignment.Locality;
import dev.meshctl.model.xds.MeshInventory;
import dev.meshctl.model.xds.WorkloadInstance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MtlsStatusTest {
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
  void a_folder_says_what_its_workloads_take_and_which_line_decides_it() {
    Said said = cli.run("mtls", "status", "-f", BOOKSHOP, "-n", "bookshop");

    assertThat(said.golden()).isEqualTo(CommandLineFixture.golden("mtls-status"));
  }

  @Test
  void a_workload_that_is_not_there_is_refused_with_the_names_of_those_that_are() {
    Said said = cli.run("mtls", "status", "review-v1", "-f", BOOKSHOP);

    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err()).contains("nothing runs of workload review-v1").contains("reviews-v1");
  }

  @Test
  void what_clients_are_told_and_a_port_does_not_take_fails() throws Exception {
    Path folder = Files.createDirectory(secrets.resolve("shop"));
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: cart, namespace: shop}
        spec:
          selector: {matchLabels: {app: cart}}
          template:
            metadata: {labels: {app: cart}}
            spec: {containers: [{name: a, image: a}]}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: shop}
        spec: {mtls: {mode: DISABLE}}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: cart, namespace: shop}
        spec: {host: cart, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
        """);

    Said said = cli.run("mtls", "status", "-f", folder.toString());

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out())
        .contains("PeerAuthentication shop/default (mesh.yaml:18)")
        .contains("NO shop/cart port 80: ISTIO_MUTUAL by ")
        .contains("its port takes no TLS of the mesh  DestinationRule shop/cart (mesh.yaml:23)");
  }

  @Test
  void of_a_running_mesh_it_tells_how_many_requests_came_over_mtls() throws Exception {
    try (FakeControlPlane plane = FakeControlPlane.start(secrets)) {
      cli.running("m", plane, Path.of(BOOKSHOP));
      Files.writeString(
          cli.meshes().folder("m").resolve("inventory.json"),
          ConfigFiles.json(
              new MeshInventory(
                  List.of(
                      new WorkloadInstance(
                          "reviews-v1-0",
                          "bookshop",
                          "reviews-v1",
                          "reviews",
                          Map.of("app", "reviews", "version", "v1"),
                          "127.77.0.20",
                          Map.of("http", 9080),
                          new Locality("", "", ""),
                          true,
                          true)),
                  Map.of(),
                  "")));
      GraphView.Signals some = new GraphView.Signals(200, 1, 10, 2, 4, 8, 0.75);
      plane.graph(
          new GraphView(
              0,
              60_000,
              List.of(
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
              List.of()));

      Said said = cli.run("mtls", "status", "bookshop/reviews-v1");
      assertThat(said.out()).contains("OVER MTLS").contains("150 of 200");

      JsonNode json =
          JsonMapper.builder()
              .build()
              .readTree(cli.run("mtls", "status", "reviews-v1", "-o", "json").out());
      assertThat(json.path(0).path("mode").asString()).isEqualTo("STRICT");
      assertThat(json.path(0).path("source").path("file").asString()).isEqualTo("security.yaml");
      assertThat(json.path(0).path("observed").path("mutual").asInt()).isEqualTo(150);
    }
  }
}
