package dev.meshctl.dataplane.protocols;

import static dev.meshctl.dataplane.testing.Snapshots.ANY_PORT;
import static dev.meshctl.dataplane.testing.Snapshots.cluster;
import static dev.meshctl.dataplane.testing.Snapshots.encrypted;
import static dev.meshctl.dataplane.testing.Snapshots.http;
import static dev.meshctl.dataplane.testing.Snapshots.listener;
import static dev.meshctl.dataplane.testing.Snapshots.plain;
import static dev.meshctl.dataplane.testing.Snapshots.route;
import static dev.meshctl.dataplane.testing.Snapshots.routes;
import static dev.meshctl.dataplane.testing.Snapshots.settings;
import static dev.meshctl.dataplane.testing.Snapshots.tcp;
import static dev.meshctl.dataplane.testing.Snapshots.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshctl.dataplane.DataPlane;
import dev.meshctl.dataplane.hardening.Tap;
import dev.meshctl.dataplane.observe.LoopCounters.Counter;
import dev.meshctl.dataplane.testing.Backend;
import dev.meshctl.dataplane.testing.Snapshots;
import dev.meshctl.dataplane.testing.TestAuthority;
import dev.meshctl.model.xds.DownstreamTls;
import dev.meshctl.model.xds.FilterChain;
import dev.meshctl.model.xds.FilterChain.ChainMatch;
import dev.meshctl.model.xds.ListenerConfig;
import dev.meshctl.model.xds.ListenerConfig.Direction;
import dev.meshctl.model.xds.RouteTableConfig.RouteAction;
import dev.meshctl.model.xds.SocketEndpoint;
import dev.meshctl.model.xds.WeightedCluster;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Connections that are not HTTP, or not for us to read. */
class PlainBytesTest {
  private final DataPlane plane = DataPlane.start(settings("client", 1), Optional.empty());
  private final Deque<AutoCloseable> opened = new ArrayDeque<>(List.of(plane));

  @AfterEach
  void close() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  private <T extends AutoCloseable> T open(T resource) {
    opened.push(resource);
    return resource;
  }

  private static InetSocketAddress at(DataPlane of, String listener) {
    return Objects.requireNonNull(of.listenAddresses().get(listener));
  }

  private static SocketEndpoint endpoint(InetSocketAddress address) {
    return new SocketEndpoint(address.getAddress().getHostAddress(), address.getPort());
  }

  private static FilterChain forName(String serverName, String cluster) {
    return new FilterChain(
        "sni-" + serverName,
        new ChainMatch(0, List.of(), List.of(serverName), FilterChain.Transport.TLS, List.of()),
        Optional.empty(),
        tcp(WeightedCluster.only(cluster)));
  }

  /** A server with a certificate of its own that answers with its name. */
  private SocketEndpoint secure(TestAuthority authority, String name) {
    DataPlane server = open(DataPlane.start(settings(name, 1), Optional.of(authority.issue(name))));
    assertThat(
            server.accept(
                Snapshots.of(
                    listener(
                        "in",
                        Direction.INBOUND,
                        ANY_PORT,
                        encrypted(
                            new DownstreamTls("default", "", false, List.of(), List.of()),
                            http("in"))),
                    routes("in", route(new RouteAction.DirectResponse(200, name))))))
        .isEmpty();
    return endpoint(at(server, "in"));
  }

  /** TLS that takes any certificate. */
  private static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        new TrustManager[] {
          new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
              return new X509Certificate[0];
            }
          }
        },
        null);
    return context;
  }

  private static String get(InetSocketAddress at, String serverName) throws Exception {
    try (SSLSocket socket =
        (SSLSocket) trusting().getSocketFactory().createSocket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
      socket.setSSLParameters(parameters);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes());
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      X509Certificate of = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return of.getSubjectX500Principal() + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  @Test
  void tls_goes_by_its_server_name_and_ends_at_the_upstream() throws Exception {
    TestAuthority authority = new TestAuthority();
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        forName("a.example", "a"),
                        forName("*.b.example", "b")),
                    cluster("a", secure(authority, "a")),
                    cluster("b", secure(authority, "b")))))
        .isEmpty();
    InetSocketAddress at = at(plane, "out");
    assertThat(get(at, "a.example")).isEqualTo("CN=a a");
    assertThat(get(at, "www.b.example")).isEqualTo("CN=b b");
    assertThatThrownBy(() -> get(at, "c.example")).isInstanceOf(IOException.class);
    try (Socket plain = new Socket(at.getAddress(), at.getPort())) {
      plain.getOutputStream().write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".getBytes());
      assertThat(plain.getInputStream().readAllBytes()).isEmpty();
    } catch (IOException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  /** Says its name first, as MySQL does, then echoes what it hears. */
  private Tap greeting(String name) throws IOException {
    return open(
        Tap.open((tap, in, out) -> {
          out.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
          for (int next = tap.read(in); next >= 0; next = tap.read(in)) {
            out.write(next);
          }
        }));
  }

  private static String talk(InetSocketAddress at, String later) throws IOException {
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      StringBuilder heard = new StringBuilder();
      while (heard.indexOf("\n") < 0) {
        heard.append((char) socket.getInputStream().read());
      }
      socket.getOutputStream().write(later.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return heard + new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void a_server_may_speak_first() throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(tcp(WeightedCluster.only("db")))),
                    cluster("db", greeting("8.4.0").address()))))
        .isEmpty();
    assertThat(talk(at(plane, "out"), "select 1")).isEqualTo("8.4.0\nselect 1");
  }

  @Test
  void a_chain_may_be_for_clients_from_some_addresses_the_nearest_range_first() throws Exception {
    FilterChain here = from("127.0.0.1", 32, "near");
    FilterChain around = from("127.0.0.0", 8, "wide");
    FilterChain elsewhere = from("10.0.0.0", 8, "others");
    assertThat(
            plane.accept(
                Snapshots.of(
                    fromSome("out", List.of(around, elsewhere, here)),
                    fromSome("other", List.of(elsewhere)),
                    cluster("near", greeting("near").address()),
                    cluster("wide", greeting("wide").address()),
                    cluster("others", greeting("others").address()))))
        .isEmpty();
    assertThat(talk(at(plane, "out"), "!")).isEqualTo("near\n!");
    assertThat(talk(at(plane, "other"), "!")).isEqualTo("wide\n!");
  }

  private static FilterChain from(String address, int bits, String cluster) {
    return new FilterChain(
        cluster,
        ChainMatch.from(List.of(new FilterChain.Cidr(address, bits))),
        Optional.empty(),
        tcp(WeightedCluster.only(cluster)));
  }

  /** Whoever no chain is for goes to {@code wide}. */
  private static ListenerConfig fromSome(String name, List<FilterChain> chains) {
    return new ListenerConfig(
        name,
        Direction.OUTBOUND,
        ANY_PORT,
        true,
        false,
        false,
        Duration.ZERO,
        chains,
        Optional.of(plain(tcp(WeightedCluster.only("wide")))));
  }

  @Test
  void a_server_may_speak_first_where_http_and_tls_are_detected() throws Exception {
    Backend web = open(new Backend("web"));
    FilterChain requests =
        new FilterChain(
            "http",
            new ChainMatch(
                0, List.of(), List.of(), FilterChain.Transport.RAW, List.of("http/1.1", "h2c")),
            Optional.empty(),
            http("out"));
    assertThat(
            plane.accept(
                Snapshots.of(
                    new ListenerConfig(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        true,
                        false,
                        true,
                        Duration.ofMillis(50),
                        List.of(requests),
                        Optional.of(plain(tcp(WeightedCluster.only("db"))))),
                    routes("out", route(RouteAction.Forward.to("web"))),
                    cluster("web", web.address()),
                    cluster("db", greeting("8.4.0").address()))))
        .isEmpty();
    InetSocketAddress at = at(plane, "out");
    assertThat(talk(at, "select 1")).isEqualTo("8.4.0\nselect 1");
    assertThat(requested(at)).endsWith("web");
  }

  @Test
  void who_stays_silent_is_closed_where_the_listener_does_not_let_it_go_on() throws Exception {
    assertThat(
            plane.accept(
                Snapshots.of(
                    new ListenerConfig(
                        "out",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        true,
                        false,
                        true,
                        Duration.ofMillis(50),
                        List.of(),
                        Optional.of(plain(tcp(WeightedCluster.only("db")))),
                        0,
                        Optional.empty(),
                        true,
                        List.of()),
                    cluster("db", greeting("8.4.0").address()))))
        .isEmpty();
    InetSocketAddress at = at(plane, "out");
    try (Socket silent = new Socket(at.getAddress(), at.getPort())) {
      silent.setSoTimeout(10_000);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(plane.counter(Counter.DOWNSTREAM_PRE_CX_TIMEOUT)).isEqualTo(1);
  }

  private static String requested(InetSocketAddress at) throws IOException {
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes());
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void connections_go_by_port_and_split_by_weight() throws Exception {
    Tap first = greeting("one");
    Tap second = greeting("two");
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener(
                        "split",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(tcp(weighted("one", 1), weighted("two", 3)))),
                    listener(
                        "second",
                        Direction.OUTBOUND,
                        ANY_PORT,
                        plain(tcp(WeightedCluster.only("two")))),
                    cluster("one", first.address()),
                    cluster("two", second.address()))))
        .isEmpty();
    assertThat(talk(at(plane, "second"), "x")).isEqualTo("two\nx");
    int connections = 200;
    int ones = 0;
    for (int i = 0; i < connections; i++) {
      ones += talk(at(plane, "split"), "").startsWith("one") ? 1 : 0;
    }
    // Six standard deviations about 50.
    assertThat(ones).isBetween(14, 86);
  }

  @Test
  void listeners_and_upstreams_may_have_ipv6_addresses() throws Exception {
    Assumptions.assumeTrue(
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .anyMatch(address -> address.getHostAddress().startsWith("0:0:0:0:0:0:0:1")),
        "SKIPPED: this machine has no IPv6 loopback");
    SocketEndpoint anyPort = new SocketEndpoint("::1", 0);
    DataPlane inner = open(DataPlane.start(settings("inner", 1), Optional.empty()));
    assertThat(
            inner.accept(
                Snapshots.of(
                    listener("in", Direction.INBOUND, anyPort, plain(http("in"))),
                    routes("in", route(new RouteAction.DirectResponse(200, "six"))))))
        .isEmpty();
    SocketEndpoint six = new SocketEndpoint("::1", at(inner, "in").getPort());
    assertThat(
            plane.accept(
                Snapshots.of(
                    listener("http", Direction.OUTBOUND, anyPort, plain(http("out"))),
                    listener(
                        "tcp",
                        Direction.OUTBOUND,
                        anyPort,
                        plain(tcp(WeightedCluster.only("six")))),
                    routes("out", route(RouteAction.Forward.to("six"))),
                    cluster("six", six))))
        .isEmpty();
    assertThat(requested(at(plane, "http"))).startsWith("HTTP/1.1 200").endsWith("six");
    assertThat(requested(at(plane, "tcp"))).startsWith("HTTP/1.1 200").endsWith("six");
  }
}
