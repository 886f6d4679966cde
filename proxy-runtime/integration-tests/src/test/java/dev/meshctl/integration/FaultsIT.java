package dev.meshctl.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What goes wrong in a running mesh, and what its users see of it. */
class FaultsIT {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir static Path scratch;

  private static BookshopMesh mesh;

  @BeforeAll
  static void start() throws IOException {
    mesh = BookshopMesh.up(scratch);
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @Test
  void a_killed_control_plane_costs_no_request_and_comes_back() throws Exception {
    JsonNode before = mesh.process("CONTROL_PLANE", "");
    try (Load load = Load.on(mesh, "/books/1")) {
      await().atMost(SOON).until(() -> load.done() > 20);

      BookshopMesh.kill(before.path("pid").asLong());

      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            JsonNode after = mesh.process("CONTROL_PLANE", "");
            assertThat(after.path("state").asString()).isEqualTo("READY");
            assertThat(after.path("restarts").asInt())
                .isEqualTo(before.path("restarts").asInt() + 1);
          });
      // Every proxy finds its way back to the new one, and changes reach them again.
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(
                      mesh.cli()
                          .run(Duration.ofSeconds(40), "split", "set", "reviews", "v1=50", "v3=50")
                          .exitCode())
                  .isZero());
      assertThat(load.failures()).isEmpty();
      assertThat(load.done()).isGreaterThan(50);
    }
  }

  @Test
  void a_workload_that_dies_gives_503_with_its_flag_and_is_started_again() throws Exception {
    JsonNode before = mesh.process("WORKLOAD", "storefront");
    List<Integer> seen = new ArrayList<>();

    BookshopMesh.kill(before.path("pid").asLong());

    await()
        .atMost(SOON)
        .until(() -> {
          seen.add(mesh.get("/books/1").statusCode());
          return seen.contains(503) && seen.getLast() == 200;
        });
    assertThat(seen).containsOnly(200, 503);
    JsonNode after = mesh.process("WORKLOAD", "storefront");
    assertThat(after.path("restarts").asInt()).isEqualTo(before.path("restarts").asInt() + 1);
    assertThat(after.path("lastExit").asString()).isNotEmpty();
    String sidecar = mesh.process("SIDECAR", "storefront").path("address").asString();
    String gateway = java.net.URI.create(mesh.gateway()).getHost();
    // Whichever met the dead workload says why; counters are drained once a second.
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(() ->
            assertThat(mesh.metrics(sidecar) + mesh.metrics(gateway))
                .containsPattern(
                    "istio_requests_total\\{[^}]*response_code=\"503\"[^}]*response_flags=\"(UF|UH|URX|UC)"));
  }

  @Test
  void a_killed_sidecar_comes_back_and_serves() throws Exception {
    JsonNode before = mesh.process("SIDECAR", "catalog");

    BookshopMesh.kill(before.path("pid").asLong());

    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode after =
              mesh.processes().stream()
                  .filter(p -> p.path("name").equals(before.path("name")))
                  .findFirst()
                  .orElseThrow();
          assertThat(after.path("state").asString()).isEqualTo("READY");
          assertThat(after.path("restarts").asInt()).isEqualTo(before.path("restarts").asInt() + 1);
        });
    await().atMost(SOON).until(() -> mesh.get("/books").statusCode() == 200);
  }

  @Test
  void a_broken_file_changes_nothing_and_is_reported_with_its_place() throws Exception {
    Path traffic = mesh.file("traffic.yaml");
    String good = Files.readString(traffic);
    int lines = (int) good.lines().count();
    try (Load load = Load.on(mesh, "/books/1")) {
      Files.writeString(traffic, good + "\n---\nkind: VirtualService\nmetadata: {name: [broken\n");

      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(mesh.status().path("diagnostics").toString())
                  .contains("traffic.yaml")
                  .containsPattern("\"line\":" + (lines + 4) + "|\"line\":" + (lines + 5)));
      assertThat(load.failures()).isEmpty();
    } finally {
      Files.writeString(traffic, good);
    }
    await().atMost(SOON).until(() -> mesh.status().path("diagnostics").isEmpty());
  }

  @Test
  void a_plaintext_client_on_a_strict_port_is_refused() throws Exception {
    String address = mesh.process("SIDECAR", "catalog").path("address").asString().split(":")[0];
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, 9080), 5_000);
      socket.setSoTimeout(5_000);
      socket
          .getOutputStream()
          .write(
              "GET /books HTTP/1.1\r\nHost: catalog\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      assertThat(readAll(socket)).doesNotContain("HTTP/1.1");
    }
  }

  /** What came until the other side closed or reset. */
  private static String readAll(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  @Test
  void a_weight_that_cannot_be_is_refused_with_its_place_and_changes_nothing() throws Exception {
    String before = Files.readString(mesh.file("traffic.yaml"));

    for (List<String> wrong :
        List.of(
            List.of("reviews", "v1=-1", "v3=10"),
            List.of("reviews", "v1=0", "v3=0"),
            List.of("reviews", "v9=100"),
            List.of("nobody.example", "v1=100"))) {
      List<String> arguments = new ArrayList<>(List.of("split", "set"));
      arguments.addAll(wrong);
      CommandLine.Result set =
          mesh.cli().run(Duration.ofSeconds(20), arguments.toArray(String[]::new));

      assertThat(set.exitCode()).as("%s%n%s%n%s", wrong, set.out(), set.err()).isEqualTo(2);
      assertThat(set.out() + set.err()).as(wrong.toString()).containsPattern("MESH\\d{4}");
    }
    assertThat(Files.readString(mesh.file("traffic.yaml"))).isEqualTo(before);
  }
}
