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
import static dev.meshctl.dataplane.testing.Snapshots.strictTls;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.ProxyNode;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The chain edge, middle, sidecar inbound, workload: the same layers in three lists. */
@Timeout(60)
class MiddleTest {
  private final TestAuthority authority = new TestAuthority();
  private final List<AutoCloseable> opened = new ArrayList<>();

  private <T extends AutoCloseable> T open(T resource) {
    opened.addFirst(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** A proxy whose listener {@code in} leads to the one cluster. */
  private SocketEndpoint start(
      String account,
      ProxyNode.Role role,
      Direction direction,
      FilterChain chain,
      ClusterConfig to) {
    DataPlane.Settings usual = settings(account, 1);
    ProxyNode node = usual.node();
    DataPlane plane =
        open(
            DataPlane.start(
                new DataPlane.Settings(
                    new ProxyNode(
                        node.id(),
                        role,
                        node.namespace(),
                        node.workload(),
                        node.instance(),
                        node.serviceAccount(),
                        node.labels(),
                        node.capture()),
                    usual.workerThreads(),
                    usual.admin(),
                    usual.dns(),
                    usual.accessLog(),
                    usual.drainDeadline()),
                Optional.of(authority.issue(account))));
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("in", direction, ANY_PORT, chain),
                    routes("in", route(RouteAction.Forward.to(to.name()))),
                    to)))
        .isEmpty();
    InetSocketAddress at = Objects.requireNonNull(plane.listenAddresses().get("in"));
    return new SocketEndpoint(at.getAddress().getHostAddress(), at.getPort());
  }

  private static ClusterConfig next(String account, UpstreamProtocol protocol, SocketEndpoint at) {
    return cluster(
        account, meshTls(TestAuthority.uri(account)), protocol, assignment(account, true, at));
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamProtocol.class,
      names = {"HTTP1", "HTTP2"})
  void what_the_edge_says_of_a_client_reaches_the_workload_through_the_middle(
      UpstreamProtocol protocol) throws Exception {
    Backend workload = open(new Backend("b"));
    SocketEndpoint inbound =
        start(
            "service",
            ProxyNode.Role.SIDECAR,
            Direction.INBOUND,
            encrypted(strictTls(TestAuthority.uri("middle")), http("in")),
            cluster("app", workload.address()));
    SocketEndpoint middle =
        start(
            "middle",
            ProxyNode.Role.MIDDLE,
            Direction.UNSPECIFIED,
            encrypted(strictTls(TestAuthority.uri("edge")), http("in")),
            next("service", protocol, inbound));
    SocketEndpoint edge =
        start(
            "edge",
            ProxyNode.Role.GATEWAY,
            Direction.OUTBOUND,
            plain(
                http("in")
                    .withOptions(
                        HttpOptions.DEFAULT.withClient(HttpOptions.ClientAddress.FROM_OUTSIDE))),
            next("middle", protocol, middle));
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      String got =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://" + edge + "/headers"))
                      .header("x-request-id", "0b9f3a52-8d6e-4c3b-9f58-0d6b1a2c3d4e")
                      .header("x-envoy-max-retries", "9")
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      assertThat(got)
          .contains("x-forwarded-for: 127.0.0.1\n")
          .contains("x-forwarded-proto: http\n")
          .containsOnlyOnce("x-request-id: ")
          .contains("URI=" + TestAuthority.uri("middle"))
          .doesNotContain("x-envoy-max-retries");
      HttpResponse<String> echo =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + edge + "/echo"))
                  .POST(HttpRequest.BodyPublishers.ofString("a body"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(echo.body()).isEqualTo("a body");
      assertThat(echo.statusCode()).isEqualTo(200);
    }
  }
}
