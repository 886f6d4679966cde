package dev.meshctl.dataplane.protocols;

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

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.testing.Http2Peer;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.HttpLimits;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.Route;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction.Forward;
import dev.meshctl.model.xds.RouteTableConfig.Steering;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.Upgrades;
import dev.meshctl.model.xds.route.Headers;
import dev.meshctl.model.xds.route.PathMatch;
import dev.meshctl.model.xds.route.RouteMatch;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upgrades and tunnels where one side, or both, speak HTTP/2 (RFC 8441, RFC 9113 8.5). */
@Timeout(60)
class ExtendedConnectTest {
  private static final String[] WEB_SOCKET = {
    ":method", "CONNECT",
    ":protocol", "websocket",
    ":scheme", "http",
    ":path", "/chat",
    ":authority", "a",
    "sec-websocket-version", "13"
  };

  /** Key and answer of RFC 6455 1.3. */
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private static final String UPGRADE =
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
          + KEY
          + "\r\n\r\n";

  private final DataPlane plane = DataPlane.start(settings("edge", 1), Optional.empty());
  private ServerSocket old;

  @BeforeEach
  void listen() throws IOException {
    old = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"));
    old.setSoTimeout(10_000);
  }

  @AfterEach
  void stop() throws IOException {
    plane.close();
    old.close();
  }

  private InetSocketAddress configure(
      boolean connect, UpstreamProtocol protocol, int port, Route... more) {
    HttpLimits limits = HttpLimits.DEFAULT;
    return configure(
        HttpOptions.DEFAULT.withLimits(connect ? limits.withConnect() : limits),
        protocol,
        port,
        more);
  }

  private InetSocketAddress configure(
      HttpOptions options, UpstreamProtocol protocol, int port, Route... more) {
    SocketEndpoint at = new SocketEndpoint("127.0.0.1", port);
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(http("out").withOptions(options))),
                    routes("out", more.length > 0 ? more : new Route[] {route(Forward.to("b"))}),
                    cluster("b", new Transport.Plaintext(), protocol, assignment("b", false, at)))))
        .isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  private static Route connects(boolean passes) {
    return new Route(
        "connect",
        new RouteMatch(new PathMatch.Connect(), false, List.of(), List.of()),
        Forward.to("b").steeredBy(new Steering(false, false, false, passes, Upgrades.NONE)),
        Headers.NONE);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hear(Socket from, int bytes) throws IOException {
    from.setSoTimeout(10_000);
    return new String(from.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
  }

  @Test
  void a_web_socket_of_an_http_2_client_reaches_an_http_1_server() throws Exception {
    InetSocketAddress at = configure(true, UpstreamProtocol.HTTP1, old.getLocalPort());
    try (Http2Peer client = Http2Peer.connect(at)) {
      assertThat(client.settings().connectProtocolEnabled()).isTrue();
      client.headers(1, false, WEB_SOCKET);
      try (Socket server = old.accept()) {
        String asked = head(server.getInputStream());
        assertThat(asked)
            .startsWith("GET /chat HTTP/1.1\r\n")
            .contains("upgrade: websocket\r\n")
            .contains("connection: upgrade\r\n")
            .contains("sec-websocket-version: 13\r\n")
            .containsPattern("sec-websocket-key: [A-Za-z0-9+/]{22}==\r\n")
            .doesNotContain("transfer-encoding");
        say(
            server,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: x\r\n\r\n");
        assertThat(client.next())
            .startsWith("HEADERS 1 :status=200")
            .doesNotContain("upgrade")
            .doesNotContain("sec-websocket-accept")
            .doesNotEndWith("END");
        client.data(1, "ping", false);
        assertThat(hear(server, 4)).isEqualTo("ping");
        say(server, "pong");
        assertThat(client.next()).isEqualTo("DATA 1 pong");
        server.close();
        assertThat(client.next()).isEqualTo("DATA 1 END");
      }
    }
  }

  @Test
  void what_a_server_refuses_stays_refused() throws Exception {
    InetSocketAddress at = configure(true, UpstreamProtocol.HTTP1, old.getLocalPort());
    try (Http2Peer client = Http2Peer.connect(at)) {
      client.headers(1, false, WEB_SOCKET);
      try (Socket server = old.accept()) {
        head(server.getInputStream());
        say(server, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        assertThat(client.next()).startsWith("HEADERS 1 :status=403");
        assertThat(client.next()).isEqualTo("DATA 1 no END");
      }
    }
  }

  @Test
  void without_leave_extended_connect_is_malformed() throws Exception {
    InetSocketAddress at = configure(false, UpstreamProtocol.HTTP1, old.getLocalPort());
    try (Http2Peer client = Http2Peer.connect(at)) {
      assertThat(client.settings().connectProtocolEnabled()).isNull();
      client.headers(1, false, WEB_SOCKET);
      assertThat(client.next()).isEqualTo("RESET 1 1");
    }
  }

  @Test
  void a_listener_that_allows_no_upgrades_refuses_them() throws Exception {
    InetSocketAddress at =
        configure(
            HttpOptions.DEFAULT.withUpgrades(Upgrades.NONE),
            UpstreamProtocol.HTTP1,
            old.getLocalPort());
    try (Socket client = new Socket(at.getAddress(), at.getPort())) {
      client.setSoTimeout(10_000);
      say(client, UPGRADE);
      assertThat(head(client.getInputStream())).startsWith("HTTP/1.1 403 ");
    }
  }

  @Test
  void a_route_allows_an_upgrade_that_its_listener_does_not() throws Exception {
    InetSocketAddress at =
        configure(
            HttpOptions.DEFAULT.withUpgrades(Upgrades.NONE),
            UpstreamProtocol.HTTP1,
            old.getLocalPort(),
            upgrading(new Upgrades(Set.of("WebSocket"), Set.of())));
    try (Socket client = new Socket(at.getAddress(), at.getPort())) {
      say(client, UPGRADE);
      try (Socket server = old.accept()) {
        assertThat(head(server.getInputStream())).containsIgnoringCase("upgrade: websocket\r\n");
      }
    }
  }

  @Test
  void a_route_refuses_an_upgrade_that_its_listener_allows() throws Exception {
    InetSocketAddress at =
        configure(
            HttpOptions.DEFAULT,
            UpstreamProtocol.HTTP1,
            old.getLocalPort(),
            upgrading(new Upgrades(Set.of(), Set.of("websocket"))));
    try (Socket client = new Socket(at.getAddress(), at.getPort())) {
      client.setSoTimeout(10_000);
      say(client, UPGRADE);
      assertThat(head(client.getInputStream())).startsWith("HTTP/1.1 403 ");
    }
  }

  private static Route upgrading(Upgrades upgrades) {
    return route(Forward.to("b").steeredBy(new Steering(false, false, false, false, upgrades)));
  }

  @Test
  void a_web_socket_of_an_http_1_client_reaches_an_http_2_server() throws Exception {
    try (Http2Peer server = Http2Peer.listen(new Http2Settings().connectProtocolEnabled(true))) {
      InetSocketAddress at = configure(true, UpstreamProtocol.HTTP2, server.address().getPort());
      try (Socket client = new Socket(at.getAddress(), at.getPort())) {
        client.setSoTimeout(10_000);
        say(client, UPGRADE);
        assertThat(server.next())
            .startsWith("HEADERS 3 ")
            .contains(":method=CONNECT")
            .contains(":protocol=websocket")
            .contains(":path=/chat")
            .contains(":scheme=http")
            .doesNotContain(" upgrade=")
            .doesNotContain(" connection=")
            .doesNotEndWith("END");
        server.headers(3, false, ":status", "200");
        assertThat(head(client.getInputStream()))
            .startsWith("HTTP/1.1 101 ")
            .contains("upgrade: websocket\r\n")
            .contains("connection: upgrade\r\n")
            .contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        say(client, "ping");
        assertThat(server.next()).isEqualTo("DATA 3 ping");
        server.data(3, "pong", true);
        assertThat(hear(client, 5)).isEqualTo("pong");
      }
    }
  }

  @Test
  void a_host_without_extended_connect_is_asked_for_no_upgrade() throws Exception {
    try (Http2Peer server = Http2Peer.listen(new Http2Settings())) {
      InetSocketAddress at = configure(true, UpstreamProtocol.HTTP2, server.address().getPort());
      try (Socket client = new Socket(at.getAddress(), at.getPort())) {
        client.setSoTimeout(10_000);
        say(client, UPGRADE);
        assertThat(head(client.getInputStream())).startsWith("HTTP/1.1 502 ");
      }
    }
  }

  @Test
  void a_host_that_ends_the_connection_before_it_said_what_it_takes_is_asked_once()
      throws Exception {
    InetSocketAddress at = configure(true, UpstreamProtocol.HTTP2, old.getLocalPort());
    try (Socket client = new Socket(at.getAddress(), at.getPort())) {
      client.setSoTimeout(10_000);
      say(client, UPGRADE);
      old.accept().close();
      assertThat(head(client.getInputStream())).startsWith("HTTP/1.1 503 ");
    }
  }

  @Test
  void a_tunnel_over_http_2_ends_here_or_goes_on_as_connect() throws Exception {
    InetSocketAddress at =
        configure(false, UpstreamProtocol.HTTP1, old.getLocalPort(), connects(false));
    try (Http2Peer client = Http2Peer.connect(at)) {
      client.headers(1, false, ":method", "CONNECT", ":authority", "db:5432");
      client.data(1, "ping", false);
      try (Socket server = old.accept()) {
        assertThat(hear(server, 4)).isEqualTo("ping");
        assertThat(client.next()).startsWith("HEADERS 1 :status=200");
        say(server, "pong");
        assertThat(client.next()).isEqualTo("DATA 1 pong");
      }
    }
    configure(false, UpstreamProtocol.HTTP1, old.getLocalPort(), connects(true));
    try (Http2Peer client = Http2Peer.connect(at)) {
      client.headers(1, false, ":method", "CONNECT", ":authority", "db:5432");
      try (Socket server = old.accept()) {
        assertThat(head(server.getInputStream()))
            .startsWith("CONNECT db:5432 HTTP/1.1\r\n")
            .doesNotContain("transfer-encoding");
        say(server, "HTTP/1.1 200 OK\r\n\r\npong");
        assertThat(client.next()).startsWith("HEADERS 1 :status=200");
        assertThat(client.next()).isEqualTo("DATA 1 pong");
        client.data(1, "ping", true);
        assertThat(hear(server, 5)).isEqualTo("ping");
      }
    }
  }

  @Test
  void a_tunnel_goes_on_to_an_http_2_host() throws Exception {
    try (Http2Peer server = Http2Peer.listen(new Http2Settings())) {
      InetSocketAddress at =
          configure(false, UpstreamProtocol.HTTP2, server.address().getPort(), connects(true));
      try (Socket client = new Socket(at.getAddress(), at.getPort())) {
        client.setSoTimeout(10_000);
        say(client, "CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n");
        assertThat(server.next())
            .startsWith("HEADERS 3 :authority=db:5432 :method=CONNECT")
            .doesNotContain(":path")
            .doesNotContain(":scheme");
        server.headers(3, false, ":status", "200");
        assertThat(head(client.getInputStream())).startsWith("HTTP/1.1 200 ");
        say(client, "ping");
        assertThat(server.next()).isEqualTo("DATA 3 ping");
      }
    }
  }
}
