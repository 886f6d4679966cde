package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ResourceType;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.xdsclient.ConfigSink.Rejection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPlaneTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    client.close();
  }

  private HttpResponse<String> get(InetSocketAddress at, String path) throws Exception {
    URI uri = URI.create("http://" + at.getAddress().getHostAddress() + ":" + at.getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void it_is_ready_once_a_configuration_is_in_force_and_logs_what_it_serves(@TempDir Path folder)
      throws Exception {
    Path log = folder.resolve("access.log");
    DataPlane.Settings base = settings("client", 1);
    DataPlane.Settings settings =
        new DataPlane.Settings(
            base.node(),
            1,
            Optional.of(ANY_PORT),
            Optional.empty(),
            log.toString(),
            Duration.ofSeconds(2));
    NetworkFilter.HttpConnection quiet = http("out");
    NetworkFilter.HttpConnection logged =
        new NetworkFilter.HttpConnection(
            quiet.statPrefix(),
            quiet.codec(),
            quiet.routes(),
            quiet.filters(),
            quiet.streamIdleTimeout(),
            quiet.requestTimeout(),
            quiet.idleTimeout(),
            true,
            quiet.forwardClientCert());
    try (Backend backend = new Backend("b");
        DataPlane plane = DataPlane.start(settings, Optional.empty())) {
      InetSocketAddress admin = plane.adminAddress().orElseThrow();
      assertThat(get(admin, "/ready").statusCode()).isEqualTo(503);
      plane.accept(
          Snapshots.of(
              listener("out", Direction.OUTBOUND, ANY_PORT, plain(logged)),
              routes("out", route(RouteAction.Forward.to("b"))),
              cluster("b", backend.address())));
      assertThat(get(admin, "/ready").statusCode()).isEqualTo(200);
      InetSocketAddress out = Objects.requireNonNull(plane.listenAddresses().get("out"));
      assertThat(get(out, "/some/path").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/clusters").body())
          .contains("b::" + backend.address() + "::rq_total::1");
      assertThat(get(admin, "/stats").body()).contains("downstream_rq_2xx: 1");
      assertThat(get(admin, "/listeners").body()).contains("out::127.0.0.1:" + out.getPort());
    }
    assertThat(Files.readString(log))
        .contains("\"GET /some/path HTTP/1.1\" 200")
        .contains("via_upstream");
  }

  @Test
  void draining_may_spare_what_is_outbound() throws Exception {
    try (Backend backend = new Backend("b");
        DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty())) {
      plane.accept(
          Snapshots.of(
              listener("in", Direction.INBOUND, ANY_PORT, plain(http("out"))),
              listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
              routes("out", route(RouteAction.Forward.to("b"))),
              cluster("b", backend.address())));

      plane.drainListeners(true, true);

      assertThat(plane.listenAddresses()).containsOnlyKeys("out");
      InetSocketAddress out = Objects.requireNonNull(plane.listenAddresses().get("out"));
      assertThat(get(out, "/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_port_that_is_taken_rejects_its_listener_and_names_the_holder() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty())) {
      ListenerConfig listener =
          listener(
              "out",
              Direction.OUTBOUND,
              new SocketEndpoint("127.0.0.1", taken.getLocalPort()),
              plain(http("out")));
      List<Rejection> rejections = plane.accept(Snapshots.of(listener));
      assertThat(rejections)
          .singleElement()
          .satisfies(rejection -> {
            assertThat(rejection.type()).isEqualTo(ResourceType.LISTENER);
            assertThat(rejection.reason())
                .contains("cannot listen at 127.0.0.1:" + taken.getLocalPort())
                .contains("pid " + ProcessHandle.current().pid());
          });
    }
  }

  @Test
  void a_rejected_resource_leaves_the_last_good_one_in_force() throws Exception {
    try (Backend backend = new Backend("b");
        DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty())) {
      ListenerConfig listener = listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out")));
      assertThat(
              plane.accept(
                  Snapshots.of(
                      listener,
                      routes("out", route(RouteAction.Forward.to("b"))),
                      cluster("b", backend.address()))))
          .isEmpty();
      InetSocketAddress out = Objects.requireNonNull(plane.listenAddresses().get("out"));
      assertThat(
              plane.accept(
                  Snapshots.of(
                      listener,
                      routes("out", route(RouteAction.Forward.to("b"))),
                      cluster("b", new SocketEndpoint("not-an-address", 80)))))
          .singleElement()
          .satisfies(r -> assertThat(r.reason()).contains("not-an-address:80"));
      assertThat(get(out, "/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_removed_listener_is_closed_and_others_stay() throws Exception {
    try (Backend backend = new Backend("b");
        DataPlane plane = DataPlane.start(settings("client", 2), Optional.empty())) {
      ListenerConfig kept = listener("kept", Direction.OUTBOUND, ANY_PORT, plain(http("out")));
      ListenerConfig gone = listener("gone", Direction.OUTBOUND, ANY_PORT, plain(http("out")));
      var table = routes("out", route(RouteAction.Forward.to("b")));
      plane.accept(Snapshots.of(kept, gone, table, cluster("b", backend.address())));
      InetSocketAddress before = Objects.requireNonNull(plane.listenAddresses().get("kept"));
      plane.accept(Snapshots.of(kept, table, cluster("b", backend.address())));
      assertThat(plane.listenAddresses()).containsOnlyKeys("kept").containsValue(before);
      assertThat(get(before, "/").statusCode()).isEqualTo(200);
    }
  }
}
