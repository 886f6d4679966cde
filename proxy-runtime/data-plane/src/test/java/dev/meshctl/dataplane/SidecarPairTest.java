package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.encrypted;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.meshTls;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.split;
import static dev.meshctl.dataplane.testing.Snapshots.strictTls;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.telemetry.EdgeSample;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two sidecars between a client and two versions of a service, over real sockets. */
class SidecarPairTest {
  private final TestAuthority authority = new TestAuthority();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    client.close();
  }

  private static SocketEndpoint address(DataPlane plane, String listener) {
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get(listener));
    return new SocketEndpoint(at.getAddress().getHostAddress(), at.getPort());
  }

  /** A sidecar in front of {@code backend} that takes mutual TLS from {@code clients} only. */
  private DataPlane inbound(String account, SocketEndpoint backend, String... clients) {
    DataPlane plane =
        open(DataPlane.start(settings(account, 1), Optional.of(authority.issue(account))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        encrypted(strictTls(clients), http("in"))),
                    routes("in", route(RouteAction.Forward.to("app"))),
                    cluster("app", backend))))
        .isEmpty();
    return plane;
  }

  private DataPlane outbound(
      SocketEndpoint v1, SocketEndpoint v2, UpstreamProtocol protocol, int weight1, int weight2) {
    DataPlane plane =
        open(DataPlane.start(settings("client", 1), Optional.of(authority.issue("client"))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes("out", route(split(weighted("v1", weight1), weighted("v2", weight2)))),
                    cluster(
                        "v1",
                        meshTls(TestAuthority.uri("reviews-v1")),
                        protocol,
                        assignment("v1", true, v1)),
                    cluster(
                        "v2",
                        meshTls(TestAuthority.uri("reviews-v2")),
                        protocol,
                        assignment("v2", true, v2)))))
        .isEmpty();
    return plane;
  }

  private HttpResponse<String> get(DataPlane plane, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + address(plane, "out") + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void a_weighted_route_splits_requests_between_two_versions_over_mutual_tls() throws Exception {
    Backend v1 = open(new Backend("v1"));
    Backend v2 = open(new Backend("v2"));
    SocketEndpoint in1 =
        address(inbound("reviews-v1", v1.address(), TestAuthority.uri("client")), "in");
    SocketEndpoint in2 =
        address(inbound("reviews-v2", v2.address(), TestAuthority.uri("client")), "in");
    DataPlane out = outbound(in1, in2, UpstreamProtocol.HTTP1, 50, 50);
    for (int i = 0; i < 200; i++) {
      assertThat(get(out, "/x").statusCode()).isEqualTo(200);
    }
    assertThat(v1.requests() + v2.requests()).isEqualTo(200);
    // 5 standard deviations of a fair coin thrown 200 times.
    assertThat(v1.requests()).isBetween(100 - 36, 100 + 36);

    List<EdgeSample> edges = out.drainTelemetry();
    assertThat(edges.stream().mapToLong(EdgeSample::requests).sum()).isEqualTo(200);
    assertThat(edges).allMatch(edge -> edge.key().mtls() && edge.errors() == 0);
    assertThat(edges).allMatch(edge -> edge.key().source().app().equals("client"));
  }

  @Test
  void the_workload_learns_who_called_from_the_peer_certificate() throws Exception {
    Backend v1 = open(new Backend("v1"));
    SocketEndpoint in =
        address(inbound("reviews-v1", v1.address(), TestAuthority.uri("client")), "in");
    DataPlane out = outbound(in, in, UpstreamProtocol.HTTP1, 1, 0);
    assertThat(get(out, "/headers").body())
        .contains("x-forwarded-client-cert: By=" + TestAuthority.uri("reviews-v1") + ";Hash=")
        .contains("URI=" + TestAuthority.uri("client"))
        .contains("x-request-id: ");
  }

  @Test
  void a_sidecar_pair_may_speak_http_2_between_them() throws Exception {
    Backend v1 = open(new Backend("v1"));
    SocketEndpoint in =
        address(inbound("reviews-v1", v1.address(), TestAuthority.uri("client")), "in");
    DataPlane out = outbound(in, in, UpstreamProtocol.HTTP2, 1, 0);
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + address(out, "out") + "/echo"))
                  .POST(HttpRequest.BodyPublishers.ofString("x".repeat(200_000)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).hasSize(200_000);
    }
  }

  @Test
  void a_server_with_another_identity_is_refused() throws Exception {
    Backend v1 = open(new Backend("v1"));
    SocketEndpoint in =
        address(inbound("somebody-else", v1.address(), TestAuthority.uri("client")), "in");
    DataPlane out = outbound(in, in, UpstreamProtocol.HTTP1, 1, 0);
    HttpResponse<String> response = get(out, "/");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("TLS");
    assertThat(v1.requests()).isZero();
    assertThat(out.drainTelemetry())
        .singleElement()
        .satisfies(edge -> assertThat(edge.responses().getFirst().flags()).isEqualTo("UF"));
  }

  @Test
  void a_client_with_another_identity_is_refused() throws Exception {
    Backend v1 = open(new Backend("v1"));
    SocketEndpoint in =
        address(inbound("reviews-v1", v1.address(), TestAuthority.uri("admin")), "in");
    DataPlane out = outbound(in, in, UpstreamProtocol.HTTP1, 1, 0);
    assertThat(get(out, "/").statusCode()).isEqualTo(503);
    assertThat(v1.requests()).isZero();
  }

  @Test
  void a_plaintext_client_of_a_strict_port_is_refused() throws Exception {
    Backend v1 = open(new Backend("v1"));
    SocketEndpoint in = address(inbound("reviews-v1", v1.address()), "in");
    try (Socket socket = new Socket(in.address(), in.port())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
      // A fatal alert may come, an answer must not.
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .doesNotContain("HTTP/");
    } catch (IOException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
    assertThat(v1.requests()).isZero();
  }

  @Test
  void tcp_goes_through_both_sidecars_and_each_direction_ends_on_its_own() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      Thread echo =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket socket = server.accept()) {
                  // Answers only once the client has ended.
                  byte[] all = socket.getInputStream().readAllBytes();
                  socket.getOutputStream().write(all);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      DataPlane in = open(DataPlane.start(settings("db", 1), Optional.of(authority.issue("db"))));
      in.accept(
          Snapshots.of(
              listener(
                  "in",
                  Direction.INBOUND,
                  ANY_PORT,
                  encrypted(strictTls(), tcp(WeightedCluster.only("app")))),
              cluster("app", new SocketEndpoint("127.0.0.1", server.getLocalPort()))));
      DataPlane out =
          open(DataPlane.start(settings("client", 1), Optional.of(authority.issue("client"))));
      out.accept(
          Snapshots.of(
              listener("out", Direction.OUTBOUND, ANY_PORT, plain(tcp(WeightedCluster.only("db")))),
              cluster(
                  "db",
                  meshTls(TestAuthority.uri("db")),
                  UpstreamProtocol.HTTP1,
                  assignment("db", true, address(in, "in")))));
      SocketEndpoint at = address(out, "out");
      try (Socket socket = new Socket(at.address(), at.port())) {
        byte[] sent = "m".repeat(300_000).getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(sent);
        socket.shutdownOutput();
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(sent);
      }
      echo.join();
    }
  }
}
