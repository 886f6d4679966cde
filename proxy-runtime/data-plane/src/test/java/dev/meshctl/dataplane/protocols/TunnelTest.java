package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.assignment;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.CircuitBreakers;
import dev.meshctl.model.xds.ClusterConfig.Discovery;
import dev.meshctl.model.xds.ClusterConfig.LoadBalancing;
import dev.meshctl.model.xds.ClusterConfig.ServiceRef;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tunnels and what they cost their cluster. */
class TunnelTest {
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());

  @AfterEach
  void stop() {
    plane.close();
  }

  private InetSocketAddress proxying(Tap upstream, CircuitBreakers limits) {
    ClusterConfig cluster =
        new ClusterConfig(
            "tcp",
            new Discovery.Static(assignment("tcp", false, upstream.address())),
            Duration.ofSeconds(2),
            LoadBalancing.ROUND_ROBIN,
            new Transport.Plaintext(),
            UpstreamProtocol.HTTP1,
            limits,
            Optional.empty(),
            ServiceRef.UNKNOWN);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("out", Direction.OUTBOUND, ANY_PORT, plain(http("out"))),
                    routes(
                        "out",
                        new Route(
                            "",
                            new RouteMatch(new PathMatch.Connect(), false, List.of(), List.of()),
                            RouteAction.Forward.to("tcp"),
                            Headers.NONE)),
                    cluster)))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private static Socket connect(InetSocketAddress at) throws IOException {
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(10_000);
    socket
        .getOutputStream()
        .write("CONNECT db:1 HTTP/1.1\r\nHost: db:1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  private static String statusOfOneMore(InetSocketAddress at) throws IOException {
    try (Socket socket = connect(at)) {
      return status(socket);
    }
  }

  @Test
  void a_tunnel_takes_a_connection_of_its_cluster_until_it_ends() throws Exception {
    onlyOneAtATime(new CircuitBreakers(1, 10, 10, 3));
  }

  @Test
  void a_tunnel_takes_a_connection_of_its_host_until_it_ends() throws Exception {
    onlyOneAtATime(new CircuitBreakers(10, 10, 10, 3).withHostConnections(1));
  }

  private void onlyOneAtATime(CircuitBreakers limits) throws Exception {
    try (Tap echo =
        Tap.open((tap, in, out) -> {
          for (int next = tap.read(in); next >= 0; next = tap.read(in)) {
            out.write(next);
          }
        })) {
      InetSocketAddress at = proxying(echo, limits);
      try (Socket first = connect(at)) {
        assertThat(status(first)).isEqualTo("HTTP/1.1 200");
        assertThat(statusOfOneMore(at)).isEqualTo("HTTP/1.1 503");
      }
      await().until(() -> statusOfOneMore(at).equals("HTTP/1.1 200"));
    }
  }
}
