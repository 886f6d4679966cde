package dev.meshctl.dataplane;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
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
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ConnectionLife;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamOptions;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a connection in HTTP/2 takes new streams, over two proxies. */
class LongestLifeTest {
  private static final Pattern CONNECTIONS =
      Pattern.compile("http\\.http\\.downstream_cx_total: (\\d+)");

  private final Backend backend = new Backend("b");
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final DataPlane near = DataPlane.start(settings("near", 1), Optional.empty());
  private final DataPlane far = DataPlane.start(withAdmin(), Optional.empty());

  private static DataPlane.Settings withAdmin() {
    DataPlane.Settings plain = settings("far", 1);
    return new DataPlane.Settings(
        plain.node(),
        plain.workerThreads(),
        Optional.of(ANY_PORT),
        plain.dns(),
        plain.accessLog(),
        plain.drainDeadline());
  }

  @AfterEach
  void stop() {
    client.close();
    near.close();
    far.close();
    backend.close();
  }

  private String get(String uri) throws Exception {
    return client
        .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static InetSocketAddress at(DataPlane plane) {
    return Objects.requireNonNull(plane.listenAddresses().get("l"));
  }

  private int connections() throws Exception {
    Matcher found =
        CONNECTIONS.matcher(get("http:/" + far.adminAddress().orElseThrow() + "/stats"));
    assertThat(found.find()).isTrue();
    return Integer.parseInt(found.group(1));
  }

  @Test
  void streams_go_to_another_connection_when_its_time_is_over() throws Exception {
    assertThat(
            far.accept(
                Snapshots.of(
                    listener("l", Direction.INBOUND, ANY_PORT, plain(http("r"))),
                    routes("r", route(Forward.to("b"))),
                    cluster("b", backend.address()))))
        .isEmpty();
    assertThat(
            near.accept(
                Snapshots.of(
                    listener("l", Direction.OUTBOUND, ANY_PORT, plain(http("r"))),
                    routes("r", route(Forward.to("far"))),
                    cluster(
                            "far",
                            new Transport.Plaintext(),
                            UpstreamProtocol.HTTP2,
                            assignment(
                                "far", false, new SocketEndpoint("127.0.0.1", at(far).getPort())))
                        .withUpstream(
                            UpstreamOptions.DEFAULT.living(
                                new ConnectionLife(Duration.ofMillis(200), Optional.empty()))))))
        .isEmpty();
    assertThat(get("http:/" + at(near))).isEqualTo("b");
    assertThat(connections()).isEqualTo(1);
    while (connections() < 3) {
      assertThat(get("http:/" + at(near))).isEqualTo("b");
    }
  }
}
