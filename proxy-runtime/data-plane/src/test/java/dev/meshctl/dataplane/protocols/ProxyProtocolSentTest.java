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
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.dataplane.testing.ToldServer;
import dev.meshctl.model.xds.ClusterConfig;
import dev.meshctl.model.xds.ClusterConfig.Transport;
import dev.meshctl.model.xds.ClusterConfig.UpstreamProtocol;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.HealthCheck;
import dev.meshctl.model.xds.HttpOptions;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.NetworkFilter;
import dev.meshctl.model.xds.ProxyProtocol;
import dev.meshctl.model.xds.ProxyProtocolSent;
import dev.meshctl.model.xds.ProxyProtocolSent.Tlv;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.UpstreamOptions;
import dev.meshctl.model.xds.UpstreamTls;
import dev.meshctl.model.xds.XdsResource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hosts that are told whose connection it is. */
@Timeout(60)
class ProxyProtocolSentTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final TestAuthority authority = new TestAuthority();
  private final DataPlane plane =
      DataPlane.start(settings("edge", 1), Optional.of(authority.issue("edge")));
  private final ToldServer server = new ToldServer(Optional.empty());

  @AfterEach
  void stop() throws IOException {
    plane.close();
    server.close();
  }

  private static ClusterConfig telling(
      ProxyProtocolSent header, Transport transport, SocketEndpoint at) {
    return cluster("b", transport, UpstreamProtocol.HTTP1, assignment("b", false, at))
        .withUpstream(UpstreamOptions.DEFAULT.telling(Optional.of(header)));
  }

  private InetSocketAddress start(NetworkFilter filter, XdsResource... more) {
    XdsResource[] all = java.util.Arrays.copyOf(more, more.length + 2);
    all[more.length] = listener("out", Direction.OUTBOUND, ANY_PORT, plain(filter));
    all[more.length + 1] = routes("out", route(RouteAction.Forward.to("b")));
    assertThat(plane.accept(Snapshots.of(all))).isEmpty();
    return Objects.requireNonNull(plane.listenAddresses().get("out"));
  }

  /** A client with a connection that stays. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Client(InetSocketAddress to, String from) throws IOException {
      socket = new Socket();
      socket.bind(new InetSocketAddress(from, 0));
      socket.connect(to);
      socket.setSoTimeout(10_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** The body of the answer, or the line. */
    String say(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      String first = in.readLine();
      if (first == null || !first.startsWith("HTTP/")) {
        return String.valueOf(first);
      }
      int length = 0;
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.startsWith("content-length: ")) {
          length = Integer.parseInt(line.substring("content-length: ".length()));
        }
      }
      char[] body = new char[length];
      int read = 0;
      while (read < length) {
        read += in.read(body, read, length - read);
      }
      return new String(body);
    }

    String text() {
      return "PROXY TCP4 %s %s %d %d"
          .formatted(
              socket.getLocalAddress().getHostAddress(),
              socket.getInetAddress().getHostAddress(),
              socket.getLocalPort(),
              socket.getPort());
    }

    String binary(String values) {
      return "0d0a0d0a000d0a515549540a2111%04x".formatted(12 + values.length() / 2)
          + hex(socket.getLocalAddress())
          + hex(socket.getInetAddress())
          + "%04x%04x".formatted(socket.getLocalPort(), socket.getPort())
          + values;
    }

    private static String hex(InetAddress address) {
      return HexFormat.of().formatHex(address.getAddress());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void a_tcp_host_is_told_the_client_in_either_version() throws Exception {
    InetSocketAddress at =
        start(
            tcp(weighted("b", 1)),
            telling(ProxyProtocolSent.TEXT, new Transport.Plaintext(), server.address()));
    try (Client client = new Client(at, "127.0.0.2")) {
      assertThat(client.say("hello\n")).isEqualTo(client.text());
    }
    at =
        start(
            tcp(weighted("b", 1)),
            telling(
                new ProxyProtocolSent(2, List.of(new Tlv(0xE0, "6d65736863"))),
                new Transport.Plaintext(),
                server.address()));
    try (Client client = new Client(at, "127.0.0.3")) {
      assertThat(client.say("hello\n")).isEqualTo(client.binary("e000056d65736863"));
    }
  }

  @Test
  void a_connection_serves_one_client_and_ends_with_it() throws Exception {
    InetSocketAddress at =
        start(
            http("out"),
            telling(ProxyProtocolSent.TEXT, new Transport.Plaintext(), server.address()));
    try (Client one = new Client(at, "127.0.0.2");
        Client other = new Client(at, "127.0.0.3")) {
      assertThat(one.say(GET)).isEqualTo(one.text());
      assertThat(other.say(GET)).isEqualTo(other.text());
      assertThat(one.say(GET)).isEqualTo(one.text());
      assertThat(other.say(GET)).isEqualTo(other.text());
      assertThat(server.told()).isEqualTo(one.text());
      assertThat(server.told()).isEqualTo(other.text());
      assertThat(server.untold()).isZero();
      String told = one.text();
      one.close();
      assertThat(server.ended()).isEqualTo(told);
      assertThat(other.say(GET)).isEqualTo(other.text());
    }
  }

  @Test
  void the_header_stands_before_tls() throws Exception {
    try (ToldServer encrypted = new ToldServer(Optional.of(authority.issue("b")))) {
      InetSocketAddress at =
          start(
              http("out"),
              telling(
                  ProxyProtocolSent.BINARY,
                  new Transport.Tls(
                      new UpstreamTls(
                          "", "ROOTCA", "", List.of(), List.of(TestAuthority.uri("b")))),
                  encrypted.address()));
      try (Client client = new Client(at, "127.0.0.2")) {
        assertThat(client.say(GET)).isEqualTo(client.binary(""));
      }
    }
  }

  @Test
  void what_we_ask_ourselves_is_said_to_be_ours() throws Exception {
    HealthCheck check =
        new HealthCheck(
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ZERO,
            1,
            1,
            new HealthCheck.Check.Http("", "/", List.of(), false));
    ClusterConfig asked =
        telling(ProxyProtocolSent.BINARY, new Transport.Plaintext(), server.address());
    start(
        http("out"),
        new ClusterConfig(
            asked.name(),
            asked.discovery(),
            asked.connectTimeout(),
            asked.loadBalancing(),
            asked.transport(),
            asked.protocol(),
            asked.circuitBreakers(),
            asked.outlierDetection(),
            asked.service(),
            asked.balancing(),
            Optional.of(check),
            asked.upstream()));
    assertThat(server.told()).isEqualTo("0d0a0d0a000d0a515549540a20000000");
  }

  @Test
  void our_own_listener_takes_the_header_over_http_2() throws Exception {
    FilterChain told =
        plain(
            http("in")
                .withOptions(
                    HttpOptions.DEFAULT.withClient(HttpOptions.ClientAddress.FROM_OUTSIDE)));
    try (Backend backend = new Backend("c");
        DataPlane behind = DataPlane.start(settings("behind", 1), Optional.empty())) {
      assertThat(
              behind.accept(
                  Snapshots.of(
                      listener("in", Direction.OUTBOUND, ANY_PORT, told)
                          .behind(ProxyProtocol.REQUIRED),
                      routes("in", route(RouteAction.Forward.to("c"))),
                      cluster("c", backend.address()))))
          .isEmpty();
      int port = Objects.requireNonNull(behind.listenAddresses().get("in")).getPort();
      InetSocketAddress at =
          start(
              http("out"),
              cluster(
                      "b",
                      new Transport.Plaintext(),
                      UpstreamProtocol.HTTP2,
                      assignment("b", false, new SocketEndpoint("127.0.0.1", port)))
                  .withUpstream(
                      UpstreamOptions.DEFAULT.telling(Optional.of(ProxyProtocolSent.BINARY))));
      try (Client one = new Client(at, "127.0.0.2");
          Client other = new Client(at, "127.0.0.3")) {
        String get = GET.replace("GET /", "GET /headers");
        assertThat(one.say(get)).contains("x-forwarded-for: 127.0.0.2");
        assertThat(other.say(get)).contains("x-forwarded-for: 127.0.0.3");
        assertThat(one.say(get)).contains("x-forwarded-for: 127.0.0.2");
      }
    }
  }
}
